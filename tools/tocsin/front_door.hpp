#pragma once

#include "actors/http/access.hpp"
#include "actors/http/router.hpp"
#include "actors/http/server.hpp"
#include "actors/metrics/registry.hpp"
#include "config/file_watch.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tocsin {

/// What `tocsin serve` is told about its HTTP interface.
struct front_door_arguments {
  std::string listen = "127.0.0.1:9480";
  std::string token_file, read_token_file, write_token_file;
  std::string tls_cert, tls_key; ///< both or none
  bool no_hsts = false;
  std::vector<std::string> cors_origins;
  bool insecure = false;
  std::size_t connections = 1024, connections_per_address = 512;
  unsigned threads = 2; ///< so that a large body does not hold up the self-check
};
void add_front_door_options(CLI::App&, front_door_arguments&);

/// The HTTP interface of the engine, which is there before the engine is: so a port that is taken
/// is known before anything else is started. It holds what comes from files (tokens), and reads
/// them again.
class front_door {
public:
  /// Reads what the arguments name. An error is one of the arguments or files.
  static result<std::unique_ptr<front_door>> prepare(const front_door_arguments&);

  /// From now on answers, with 503 `starting` until open() names who answers. An error is one of
  /// the machine: the port is taken.
  status listen();
  void open(std::shared_ptr<const http::router> to);
  /// No request is handled any more when this returns.
  void stop();

  const std::shared_ptr<http::live_access>& access() const { return access_; }
  /// "http://127.0.0.1:9480", or "https://…".
  std::string url() const;
  /// Where this process can ask whether it answers.
  std::string self_url() const;

  void add_metrics(metric_registry&) const;
  /// Reads the files again if they changed, or if that was `asked` for. What is wrong with them is
  /// logged and counted, and what was in force before stays. To be called every second or so.
  /// True: other tokens are in force, so that answers that go on may be nobody's any more.
  bool look_after_files(bool asked, metric_registry&);

private:
  struct reader; // the handler, shared with the server
  front_door(front_door_arguments, http::listen_address, std::vector<http::token_source>);
  status read_origins();
  status read_access();
  status read_certificate();
  result<http::access_policy> read_policy() const;
  std::string origin_of(const std::string& host) const;
  bool reload_tokens(metric_registry&);
  void reload_certificate(metric_registry&);

  front_door_arguments arguments_;
  http::listen_address listen_;
  std::vector<http::token_source> sources_;
  std::vector<std::string> origins_;
  std::shared_ptr<http::live_access> access_;
  std::shared_ptr<http::tls_identity> tls_;
  file_watch token_files_, tls_files_;
  std::shared_ptr<reader> reader_;
  std::unique_ptr<http::server> server_;
};

} // namespace tocsin
