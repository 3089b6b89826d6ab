#pragma once

#include "actors/sinks/hook_process.hpp"
#include "config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What hooks know of the engine.
struct hook_place {
  std::string data_dir; ///< where Botpress keeps its data; empty: there are no hooks
  std::string url;      ///< of the engine itself: process.HOST, process.PORT
};

/// What of an environment the process that runs hooks gets: what hooks may see (EXPOSED_*, TZ,
/// LANG, LC_ALL, LC_CTYPE, HTTP_PROXY, HTTPS_PROXY, NO_PROXY) and what node itself needs (PATH,
/// HOME, TMPDIR, certificates). No token and no URL of a Redis is among it.
std::vector<std::string> hook_environment(const std::vector<std::string>& ours);

/// How to run hooks, or what is missing for it: node, or what comes with this program.
result<hook_launch> plan_hooks(const settings&, const hook_place&);

} // namespace tocsin
