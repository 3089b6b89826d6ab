#include "actors/sinks/hook_runtime.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>

namespace tocsin {

namespace fs = std::filesystem;

namespace {

constexpr std::array environment_names = {
    "TZ",          "LANG", "LC_ALL", "LC_CTYPE", "HTTP_PROXY",          "HTTPS_PROXY",
    "NO_PROXY",    "PATH", "HOME",   "TMPDIR",   "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE",
    "SSL_CERT_DIR"};

// Beside the program as it was built, or as it was installed.
result<std::string> find_runner() {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed).parent_path();
  const std::array<fs::path, 3> places = {
      program / "share/tocsin/hooks", program / "../share/tocsin/hooks", TOCSIN_SHARE_DIR "/hooks"};
  for (const auto& place : places)
    if (fs::exists(place / "runner.js", failed))
      return fs::weakly_canonical(place, failed).string();
  return error{fmt::format("what runs hooks (runner.js) is neither in {} nor in {}: build or "
                           "install Tocsin again",
                           places[0].string(), places[2].string())};
}

std::string runner_settings(const settings& s, const hook_place& at, const fs::path& data_dir) {
  return fmt::format(R"({{"timeoutMs":{},"sharedLibs":{},"globalFolder":{},"url":{},)"
                     R"("externalUrl":{}}})",
                     s.hook_timeout_ms,
                     quote_json((data_dir.parent_path() / "shared_libs").string()),
                     quote_json((data_dir / "global").string()), quote_json(at.url),
                     quote_json(s.external_url.empty() ? at.url : s.external_url));
}

// What modules in shared_libs and global/node_modules may require themselves.
std::string node_path(const fs::path& data_dir, const std::string& runner) {
  return fmt::format("NODE_PATH={}:{}:{}/node_modules",
                     (data_dir.parent_path() / "shared_libs").string(),
                     (data_dir / "global/node_modules").string(), runner);
}

} // namespace

std::vector<std::string> hook_environment(const std::vector<std::string>& ours) {
  std::vector<std::string> out;
  for (const auto& variable : ours) {
    const auto name = variable.substr(0, variable.find('='));
    if (name.starts_with("EXPOSED_") ||
        std::find(environment_names.begin(), environment_names.end(), name) !=
            environment_names.end())
      out.push_back(variable);
  }
  return out;
}

result<hook_launch> plan_hooks(const settings& s, const hook_place& at) {
  const auto node = find_program("node");
  if (!node)
    return error{"node is not on PATH: install it (apt-get install nodejs)"};
  auto runner = find_runner();
  if (!runner)
    return runner.failure();
  std::error_code failed;
  auto data_dir = fs::absolute(at.data_dir, failed).lexically_normal();
  if (!data_dir.has_filename()) // "data/"
    data_dir = data_dir.parent_path();
  hook_launch out;
  out.node = *node;
  // node's own bound, so that it collects garbage before the process is ended for its size.
  // The other makes import() work in hooks.
  out.words = {"node", fmt::format("--max-old-space-size={}", s.hook_memory_bytes >> 20),
               "--experimental-vm-modules", *runner + "/runner.js",
               runner_settings(s, at, data_dir)};
  out.environment = hook_environment(whole_environment());
  out.environment.push_back(node_path(data_dir, *runner));
  out.folder = data_dir.parent_path().string();
  out.timeout_ms = s.hook_timeout_ms;
  out.memory_bytes = s.hook_memory_bytes;
  return out;
}

} // namespace tocsin
