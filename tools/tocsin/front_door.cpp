#include "tools/tocsin/front_door.hpp"

#include "actors/http/cors.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

std::vector<http::token_source> sources_of(const front_door_arguments& a) {
  const auto from = [](http::right gives, const std::string& file, const char* variable) {
    return http::token_source{gives, file, variable, std::getenv(variable)};
  };
  return {from(http::right::admin, a.token_file, "TOCSIN_TOKEN"),
          from(http::right::read, a.read_token_file, "TOCSIN_READ_TOKEN"),
          from(http::right::write, a.write_token_file, "TOCSIN_WRITE_TOKEN")};
}

std::vector<std::string> files_of(const std::vector<http::token_source>& sources) {
  std::vector<std::string> files;
  for (const auto& from : sources)
    if (!from.file.empty())
      files.push_back(from.file);
  return files;
}

counter& reloads(metric_registry& registry, const char* what, bool fine) {
  return registry.add_counter("tocsin_reloads_total", "Files read again while running.",
                              {{"what", what}, {"result", fine ? "done" : "failed"}});
}

void warn_of_rights_nobody_has(const std::vector<http::access_token>& tokens) {
  for (const auto& [needed, to_do] : {std::pair(http::right::read, "read incidents or metrics"),
                                      std::pair(http::right::write, "report samples")})
    if (!tokens.empty() &&
        std::none_of(tokens.begin(), tokens.end(), [&](const auto& t) { return t.gives(needed); }))
      spdlog::warn("nobody may {}: no token gives that right", to_do);
}

} // namespace

// Answers for the engine before it is there, and hands over to it then.
struct front_door::reader {
  std::mutex mutex;
  std::shared_ptr<const http::router> engine;

  http::admission admit(const http::request& head) {
    std::shared_ptr<const http::router> to;
    {
      const std::lock_guard lock(mutex);
      to = engine;
    }
    if (!to)
      return {.handle =
                  [](const auto&, http::responder answer) {
                    auto busy =
                        http::to_response(http::refusal{503, "starting", "the engine is starting"});
                    busy.headers.emplace_back("Retry-After", "1");
                    answer.send(std::move(busy));
                  },
              .refused = true};
    return to->admit(head);
  }
};

front_door::front_door(front_door_arguments a, http::listen_address listen,
                       std::vector<http::token_source> sources)
    : arguments_(std::move(a)), listen_(std::move(listen)), sources_(std::move(sources)),
      token_files_(files_of(sources_)),
      tls_files_(arguments_.tls_cert.empty()
                     ? std::vector<std::string>()
                     : std::vector<std::string>{arguments_.tls_cert, arguments_.tls_key}),
      reader_(std::make_shared<reader>()) {}

result<std::unique_ptr<front_door>> front_door::prepare(const front_door_arguments& a) {
  auto listen = http::parse_listen(a.listen);
  if (!listen)
    return listen.failure();
  std::unique_ptr<front_door> door(new front_door(a, std::move(*listen), sources_of(a)));
  for (const auto read :
       {&front_door::read_origins, &front_door::read_access, &front_door::read_certificate})
    if (const auto s = (*door.*read)(); !s)
      return s.failure();
  return door;
}

status front_door::read_origins() {
  for (const auto& text : arguments_.cors_origins) {
    auto origin = http::read_origin(text);
    if (!origin)
      return error{"--cors-origin: " + origin.failure().message};
    origins_.push_back(std::move(*origin));
  }
  return done{};
}

status front_door::read_access() {
  auto policy = read_policy();
  if (!policy)
    return policy.failure();
  const bool have_token = !policy->tokens.empty();
  if (have_token && arguments_.tls_cert.empty() && !http::is_loopback(listen_.host))
    spdlog::warn("tokens and samples come over the wire in clear: give --tls-cert and --tls-key, "
                 "or put a TLS proxy in front");
  access_ = std::make_shared<http::live_access>(std::move(*policy));
  return http::require_token_unless_loopback(listen_, have_token, arguments_.insecure);
}

status front_door::read_certificate() {
  if (arguments_.tls_cert.empty())
    return done{};
  auto identity = http::tls_identity::load(arguments_.tls_cert, arguments_.tls_key);
  if (!identity)
    return identity.failure();
  tls_ = std::move(*identity);
  return done{};
}

result<http::access_policy> front_door::read_policy() const {
  auto tokens = http::read_tokens(sources_);
  if (!tokens)
    return tokens.failure();
  warn_of_rights_nobody_has(*tokens);
  http::access_policy policy;
  policy.loopback_names_only = tokens->empty() && http::is_loopback(listen_.host);
  policy.tokens = std::move(*tokens);
  policy.origins = origins_;
  return policy;
}

status front_door::listen() {
  http::server_options options;
  options.listen = listen_;
  options.threads = arguments_.threads;
  options.tls = tls_;
  options.strict_transport = !arguments_.no_hsts;
  options.connections_max = arguments_.connections;
  options.connections_per_address_max =
      std::min(arguments_.connections_per_address, arguments_.connections);
  options.stop_timeout = std::chrono::milliseconds(500);
  options.bodies_per_address_bytes_max = std::max(
      options.body_bytes_max,
      options.bodies_bytes_max * options.connections_per_address_max / options.connections_max);
  auto server = http::server::listen(
      options, http::doorkeeper([to = reader_](const auto& head) { return to->admit(head); }));
  if (!server)
    return server.failure();
  server_ = std::move(*server);
  return done{};
}

void front_door::open(std::shared_ptr<const http::router> to) {
  const std::lock_guard lock(reader_->mutex);
  reader_->engine = std::move(to);
}

void front_door::stop() {
  server_->stop();
}

std::string front_door::origin_of(const std::string& host) const {
  return (tls_ ? "https://" : "http://") + http::to_string({host, server_->port()});
}

std::string front_door::url() const {
  return origin_of(listen_.host);
}

std::string front_door::self_url() const {
  const auto& host = listen_.host;
  return origin_of(host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host) + "/healthz";
}

void front_door::add_metrics(metric_registry& registry) const {
  const auto add = [&](metric_type type, const char* name, const char* help, auto member) {
    registry.add_callback(type, name, help, [&server = *server_, member] {
      return static_cast<double>(server.counts().*member);
    });
  };
  add(metric_type::counter, "tocsin_http_requests_total", "HTTP requests handled.",
      &http::server_counts::requests);
  add(metric_type::counter, "tocsin_http_requests_refused_total",
      "HTTP requests refused by the server itself.", &http::server_counts::requests_refused);
  add(metric_type::gauge, "tocsin_http_connections", "HTTP connections open now.",
      &http::server_counts::connections_open);
  add(metric_type::counter, "tocsin_http_connections_refused_total",
      "HTTP connections refused because there were too many.",
      &http::server_counts::connections_refused);
  add(metric_type::counter, "tocsin_http_connections_displaced_total",
      "HTTP connections closed to make room for others: none had shown a token.",
      &http::server_counts::connections_displaced);
  add(metric_type::counter, "tocsin_tls_handshakes_failed_total",
      "Connections that never came to speak TLS.", &http::server_counts::handshakes_failed);
  for (const bool fine : {true, false})
    reloads(registry, "tokens", fine);
  if (!tls_)
    return;
  for (const bool fine : {true, false})
    reloads(registry, "certificate", fine);
  registry.add_callback(metric_type::gauge, "tocsin_tls_certificate_expiry_seconds",
                        "Unix time at which the certificate ends.",
                        [tls = tls_] { return static_cast<double>(tls->expires_s()); });
}

bool front_door::look_after_files(bool asked, metric_registry& registry) {
  const bool replaced = (token_files_.changed() || asked) && reload_tokens(registry);
  if (tls_ && (tls_files_.changed() || asked))
    reload_certificate(registry);
  return replaced;
}

bool front_door::reload_tokens(metric_registry& registry) {
  auto policy = read_policy();
  reloads(registry, "tokens", policy.ok()).add();
  if (!policy) {
    spdlog::error("access: {}; the tokens from before stay in force", policy.failure().message);
    return false;
  }
  spdlog::info("access: {} tokens are in force", policy->tokens.size());
  access_->replace(std::move(*policy));
  return true;
}

void front_door::reload_certificate(metric_registry& registry) {
  const auto read = tls_->reload();
  reloads(registry, "certificate", read.ok()).add();
  if (!read)
    return spdlog::error("TLS: {}; the certificate from before stays in force",
                         read.failure().message);
  spdlog::info("TLS: the certificate in {} is in force", arguments_.tls_cert);
}

void add_front_door_options(CLI::App& cmd, front_door_arguments& a) {
  cmd.add_option("--listen", a.listen, "Where to listen")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  cmd.add_option("--token-file", a.token_file,
                 "File with tokens that may do everything, one per line (or TOCSIN_TOKEN)")
      ->type_name("FILE");
  cmd.add_option("--read-token-file", a.read_token_file,
                 "The same for tokens that may read only (or TOCSIN_READ_TOKEN)")
      ->type_name("FILE");
  cmd.add_option("--write-token-file", a.write_token_file,
                 "The same for tokens that may report samples only (or TOCSIN_WRITE_TOKEN)")
      ->type_name("FILE");
  auto* cert = cmd.add_option("--tls-cert", a.tls_cert,
                              "Speak TLS, with the certificate and its chain in this PEM file")
                   ->type_name("FILE");
  auto* key = cmd.add_option("--tls-key", a.tls_key, "The certificate's key, PEM")
                  ->type_name("FILE")
                  ->needs(cert);
  cert->needs(key);
  cmd.add_flag("--no-hsts", a.no_hsts,
               "With TLS, do not tell browsers to use TLS for everything on this host");
  cmd.add_option("--cors-origin", a.cors_origins,
                 "Let pages from this origin use the API in browsers; give it again for more")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("ORIGIN");
  cmd.add_option("--connections", a.connections, "HTTP connections that may be open at once")
      ->check(CLI::Range(std::size_t{1}, std::size_t{65'536}))
      ->capture_default_str();
  cmd.add_option("--connections-per-address", a.connections_per_address,
                 "Of these, from one address (behind a proxy: all of them)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{65'536}))
      ->capture_default_str();
  cmd.add_flag("--insecure", a.insecure, "Listen beyond loopback without a token");
  cmd.add_option("--http-threads", a.threads, "Threads that serve HTTP")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
}

} // namespace tocsin
