#include "tools/tocsin/redis_option.hpp"

#include "config/redis_source.hpp"
#include "tools/tocsin/data_folder.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>

namespace tocsin {

void add_redis_options(CLI::App& cmd, redis_option& o) {
  cmd.add_option("--state-dir", o.state_dir,
                 "State folder of the engine, where no Redis URL is set (default: "
                 "$STATE_DIRECTORY, else ./tocsin-state)")
      ->type_name("DIR");
  cmd.add_option("--prefix", o.prefix, "What the engine's Redis keys begin with (tocsin.prefix)")
      ->capture_default_str();
}

result<engine_redis> connect(const redis_option& o) {
  auto chosen = choose_redis(process_environment());
  if (!chosen)
    return chosen.failure();
  redis_address address;
  if (*chosen) {
    address = **chosen;
  } else {
    const auto socket = std::filesystem::absolute(state_folder(o.state_dir)) / "redis.sock";
    if (!std::filesystem::exists(socket))
      return error{fmt::format("no engine runs on the state folder {}: start it with `tocsin "
                               "serve`, name its folder with --state-dir, or set REDIS_URL",
                               state_folder(o.state_dir))};
    address.via = redis_address::transport::unix_socket;
    address.path = socket;
  }
  auto opened = redis::connection::open(address, "tocsin-cli");
  if (!opened)
    return opened.failure();
  return engine_redis{std::move(*opened),
                      redis::partition_keys(address.key_prefix + o.prefix, "0")};
}

} // namespace tocsin
