#include "actors/sinks/hook_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <tuple>

namespace tocsin {

namespace fs = std::filesystem;

namespace {

bool is_hook(const fs::directory_entry& e) {
  std::error_code ignored;
  return e.path().extension() == ".js" && e.is_regular_file(ignored);
}

// Links to files are followed (a mounted ConfigMap is made of them), links to folders are not.
status collect(const fs::path& folder, const std::string& below, int deep,
               std::vector<hook_script>& out) {
  if (deep > hook_folders_deep_max)
    return error{
        fmt::format("{}: folders lie more than {} deep", folder.string(), hook_folders_deep_max)};
  std::error_code failed;
  for (fs::directory_iterator i(folder, failed), end; !failed && i != end; i.increment(failed)) {
    const auto name = i->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.'))
      continue;
    if (i->is_directory(ignored) && !i->is_symlink(ignored)) {
      if (auto s = collect(i->path(), below + name + '/', deep + 1, out); !s)
        return s;
    } else if (is_hook(*i)) {
      out.push_back({below + name, i->path().string()});
    }
    if (out.size() > hook_scripts_max)
      return error{
          fmt::format("{}: more than {} hooks lie there", folder.string(), hook_scripts_max)};
  }
  if (failed && failed != std::errc::no_such_file_or_directory) // removed meanwhile, or never there
    return error{fmt::format("{}: cannot be read: {}", folder.string(), failed.message())};
  return done{};
}

} // namespace

std::string hook_folder(const std::string& data_dir) {
  std::error_code failed;
  const auto path = fs::path(data_dir) / "global/hooks/on_incident_status_changed";
  return fs::absolute(path, failed).lexically_normal().string();
}

result<std::vector<hook_script>> list_hooks(const std::string& data_dir) {
  std::vector<hook_script> out;
  if (auto s = collect(hook_folder(data_dir), "", 1, out); !s)
    return s.failure();
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    const auto file_name = [](const auto& s) { return s.name.substr(s.name.rfind('/') + 1); };
    return std::tuple(file_name(a), a.name) < std::tuple(file_name(b), b.name);
  });
  return out;
}

} // namespace tocsin
