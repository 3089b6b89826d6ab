#pragma once

#include "config/result.hpp"
#include "tools/reading/engine_api.hpp"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace tocsin {

/// How commands that read an engine over HTTP find it and show who they are.
struct http_option {
  std::string to = {};
  std::string token_file = {};
  std::string ca_file = {};
};

/// Adds --to, --token-file and --ca-file to a command that reads Redis where --to is left out; its
/// options --state-dir and --prefix are there already.
void add_http_options_beside_redis(CLI::App& cmd, http_option&);
/// The same for a command that knows no other way: --to has a default.
void add_http_options(CLI::App& cmd, http_option&);

/// The engine that they name. The error is wrong usage.
result<std::unique_ptr<engine_api>> open_engine(const http_option&);

} // namespace tocsin
