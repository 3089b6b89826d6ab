#include "tools/tocsin/front_door.hpp"

#include "tools/tocsin/signals.hpp"

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

  void operator()(http::request what, http::responder answer) {
    std::shared_ptr<const http::router> to;
    {
      const std::lock_guard lock(mutex);
      to = engine;
    }
    if (to)
      return (*to)(std::move(what), std::move(answer));
    auto busy = http::to_response(http::refusal{503, "starting", "the engine is starting"});
    busy.headers.emplace_back("Retry-After", "1");
    answer.send(std::move(busy));
  }
};

front_door::front_door(front_door_arguments a, http::listen_address listen,
                       std::vector<http::token_source> sources)
    : arguments_(std::move(a)), listen_(std::move(listen)), sources_(std::move(sources)),
      token_files_(files_of(sources_)), reader_(std::make_shared<reader>()) {}

result<std::unique_ptr<front_door>> front_door::prepare(const front_door_arguments& a) {
  auto listen = http::parse_listen(a.listen);
  if (!listen)
    return listen.failure();
  std::unique_ptr<front_door> door(new front_door(a, std::move(*listen), sources_of(a)));
  auto policy = door->read_policy();
  if (!policy)
    return policy.failure();
  const bool have_token = !policy->tokens.empty();
  if (auto s = http::require_token_unless_loopback(door->listen_, have_token, a.insecure); !s)
    return s.failure();
  door->access_ = std::make_shared<http::live_access>(std::move(*policy));
  return door;
}

result<http::access_policy> front_door::read_policy() const {
  auto tokens = http::read_tokens(sources_);
  if (!tokens)
    return tokens.failure();
  warn_of_rights_nobody_has(*tokens);
  http::access_policy policy;
  policy.loopback_names_only = tokens->empty() && http::is_loopback(listen_.host);
  policy.tokens = std::move(*tokens);
  return policy;
}

status front_door::listen() {
  http::server_options options;
  options.listen = listen_;
  options.threads = arguments_.threads;
  options.stop_timeout = std::chrono::milliseconds(500);
  auto server = http::server::listen(options, [to = reader_](auto what, auto answer) {
    (*to)(std::move(what), std::move(answer));
  });
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

std::string front_door::url() const {
  return "http://" + server_->address();
}

std::string front_door::self_url() const {
  return tocsin::self_url(listen_, server_->port());
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
  for (const bool fine : {true, false})
    reloads(registry, "tokens", fine);
}

void front_door::look_after_files(bool asked, metric_registry& registry) {
  if (token_files_.changed() || asked) {
    auto policy = read_policy();
    reloads(registry, "tokens", policy.ok()).add();
    if (policy) {
      spdlog::info("access: {} tokens are in force", policy->tokens.size());
      access_->replace(std::move(*policy));
    } else {
      spdlog::error("access: {}; the tokens from before stay in force", policy.failure().message);
    }
  }
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
  cmd.add_flag("--insecure", a.insecure, "Listen beyond loopback without a token");
  cmd.add_option("--http-threads", a.threads, "Threads that serve HTTP")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
}

} // namespace tocsin
