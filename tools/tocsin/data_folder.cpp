#include "tools/tocsin/data_folder.hpp"

#include "config/default_config.hpp"
#include "config/flat_form.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace tocsin {

namespace fs = std::filesystem;

namespace {

// A link that leads nowhere counts: nothing is written over it.
bool is_there(const fs::path& path) {
  std::error_code ec;
  return fs::exists(fs::symlink_status(path, ec));
}

// Whole or not at all: a crash must not leave half a configuration behind.
status write_file(const fs::path& path, std::string_view text) {
  const auto half = fs::path(path).concat(".new");
  std::ofstream out(half, std::ios::binary);
  out << text;
  out.close();
  std::error_code ec;
  if (out)
    fs::rename(half, path, ec);
  if (!out || ec)
    return error{fmt::format("{}: cannot be written: {}", path.string(),
                             ec ? ec.message() : "disk full or no permission")};
  return done{};
}

} // namespace

result<std::string> data_folder::config_path() const {
  if (!config.empty())
    return config;
  const auto flat = fmt::format("{}/{}", data_dir, flat_file_name);
  const auto nested = data_dir + "/global/botpress.config.json";
  if (!is_there(nested))
    return flat;
  if (is_there(flat))
    return error{fmt::format("{} and {} are both there: move one of them away, or say which one is "
                             "meant with --config",
                             flat, nested)};
  return nested;
}

std::string data_folder::with_hooks() const {
  if (config.empty() || (data_dir_option && data_dir_option->count() > 0))
    return data_dir;
  std::error_code failed;
  const auto folder = fs::absolute(config, failed).lexically_normal().parent_path();
  return folder.filename() == "global" ? folder.parent_path().string() : "";
}

result<bool> data_folder::create_missing_config() const {
  const auto found = config_path();
  if (!found)
    return found.failure();
  const fs::path path = *found;
  if (is_there(path))
    return false;
  std::error_code ec;
  fs::create_directories(path.has_parent_path() ? path.parent_path() : ".", ec);
  if (ec)
    return error{
        fmt::format("{}: cannot be created: {}", path.parent_path().string(), ec.message())};
  if (config.empty())
    fs::create_directories(fs::path(data_dir) / "global/hooks/on_incident_status_changed", ec);
  const auto schema = path.parent_path() / "tocsin.schema.json";
  if (!fs::exists(schema, ec))
    if (auto s = write_file(schema, flat_config_schema()); !s)
      return s.failure();
  if (auto s = write_file(path, default_config()); !s)
    return s.failure();
  return true;
}

void add_data_options(CLI::App& cmd, data_folder& folder) {
  cmd.add_option("--config", folder.config,
                 "Configuration (default: DATA_DIR/global/botpress.config.json where it is, else "
                 "DATA_DIR/tocsin.json)")
      ->type_name("FILE");
  folder.data_dir_option =
      cmd.add_option("--data-dir", folder.data_dir,
                     "Folder with the configuration and the hooks, laid out as Botpress's own")
          ->type_name("DIR")
          ->capture_default_str();
}

std::string state_folder(const std::string& given) {
  if (!given.empty())
    return given;
  const char* systemd = std::getenv("STATE_DIRECTORY");
  return systemd && *systemd ? systemd : "./tocsin-state";
}

} // namespace tocsin
