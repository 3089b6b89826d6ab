#include "actors/sinks/hook_folder.hpp"

#include <algorithm>
#include <array>
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

// Why an entry that is none is no hook; empty: nobody takes it for one.
std::string why_no_hook(const fs::directory_entry& e) {
  constexpr std::array<std::string_view, 8> scripts = {".mjs", ".cjs", ".ts",  ".mts",
                                                       ".cts", ".jsx", ".tsx", ".coffee"};
  std::error_code ignored;
  if (e.is_symlink(ignored) && e.is_directory(ignored))
    return "links to folders are not followed: put the folder itself there";
  auto ending = e.path().extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (ending == ".js" && e.path().extension() != ".js")
    return "hooks end in .js, in small letters";
  if (ending == ".js")
    return e.is_symlink(ignored) && !e.exists(ignored) ? "the link leads nowhere" : "it is no file";
  if (ending == ".mjs" || ending == ".cjs")
    return "hooks end in .js; one may load it: await import()";
  if (std::find(scripts.begin(), scripts.end(), ending) != scripts.end())
    return "hooks end in .js: translate it";
  return {};
}

struct hook_files {
  std::vector<hook_script> hooks;
  std::vector<hook_passed_over> passed_over;
};

// Links to files are followed (a mounted ConfigMap is made of them), links to folders are not.
status collect(const fs::path& folder, const std::string& below, int deep, hook_files& out) {
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
      out.hooks.push_back({below + name, i->path().string()});
    } else if (auto why = why_no_hook(*i);
               !why.empty() && out.passed_over.size() < hooks_passed_over_max) {
      out.passed_over.push_back({below + name, std::move(why)});
    }
    if (out.hooks.size() > hook_scripts_max)
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
  hook_files found;
  if (auto s = collect(hook_folder(data_dir), "", 1, found); !s)
    return s.failure();
  auto& out = found.hooks;
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    const auto file_name = [](const auto& s) { return s.name.substr(s.name.rfind('/') + 1); };
    return std::tuple(file_name(a), a.name) < std::tuple(file_name(b), b.name);
  });
  return std::move(out);
}

std::vector<hook_passed_over> list_passed_over(const std::string& data_dir) {
  hook_files found;
  static_cast<void>(collect(hook_folder(data_dir), "", 1, found)); // list_hooks tells what failed
  std::sort(found.passed_over.begin(), found.passed_over.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return std::move(found.passed_over);
}

} // namespace tocsin
