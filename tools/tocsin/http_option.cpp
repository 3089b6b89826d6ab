#include "tools/tocsin/http_option.hpp"

#include <CLI/CLI.hpp>

namespace tocsin {

namespace {

CLI::Option* add_to(CLI::App& cmd, http_option& o, const std::string& text) {
  return cmd.add_option("--to", o.to, text)->type_name("URL");
}

std::pair<CLI::Option*, CLI::Option*> add_secrets(CLI::App& cmd, http_option& o) {
  auto* token = cmd.add_option("--token-file", o.token_file,
                               "File with a token that may read (or TOCSIN_TOKEN)")
                    ->type_name("FILE");
  auto* ca = cmd.add_option("--ca-file", o.ca_file,
                            "File with the authorities for https:// in PEM form (default: the "
                            "system's, or SSL_CERT_FILE)")
                 ->type_name("FILE");
  return {token, ca};
}

} // namespace

void add_http_options_beside_redis(CLI::App& cmd, http_option& o) {
  auto* to = add_to(cmd, o,
                    "Engine to read over HTTP, http://HOST:PORT or https://HOST (default: its "
                    "Redis is read)");
  to->excludes("--state-dir")->excludes("--prefix");
  const auto [token, ca] = add_secrets(cmd, o);
  token->needs(to);
  ca->needs(to);
}

void add_http_options(CLI::App& cmd, http_option& o) {
  o.to = "http://127.0.0.1:9480";
  add_to(cmd, o, "Engine to read, http://HOST:PORT or https://HOST")->capture_default_str();
  add_secrets(cmd, o);
}

result<std::unique_ptr<engine_api>> open_engine(const http_option& o) {
  return engine_api::open({o.to, o.token_file, o.ca_file});
}

} // namespace tocsin
