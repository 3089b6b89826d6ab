#include "streams/redis/server_process.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>

namespace tocsin::redis {

result<process> spawn_server(const std::string& program, const std::vector<std::string>& args,
                             const std::string& folder, const std::string& log_name,
                             int inherited_fd) {
  auto path = find_program(program);
  if (!path)
    return error{program.find('/') != std::string::npos
                     ? fmt::format("{} cannot be run: {}", program, std::strerror(errno))
                     : fmt::format("{} is not on PATH: install it (apt-get install redis-server), "
                                   "or name a Redis with TOCSIN_REDIS_URL",
                                   program)};
  const auto log_path = folder + '/' + log_name;
  const owned_fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const owned_fd log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (nothing.get() < 0 || log.get() < 0)
    return error{fmt::format("{} cannot be written: {}", log_path, std::strerror(errno))};
  spawn_request r;
  r.path = *path;
  r.words = args;
  r.words.insert(r.words.begin(), program);
  r.environment = whole_environment();
  r.folder = folder;
  r.descriptors = {nothing.get(), log.get(), log.get(), inherited_fd};
  r.own_session = true;
  r.private_files = true; // the folder may be one that others may look into
  return process::spawn(r);
}

} // namespace tocsin::redis
