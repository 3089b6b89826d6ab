#pragma once

#include "actors/http/client.hpp"
#include "bench/pipeline/options.hpp"
#include "bench/pipeline/process.hpp"
#include "config/redis_address.hpp"
#include "config/rule.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tocsin::bench {

/// A temporary folder with a configuration, the private Redis and a real `tocsin serve`. Everything
/// ends and goes with this object.
///
/// 1. Redis is started here, so that the log can be filled before the engine is there; the engine
///    then takes it over, as it does after a crash.
/// 2. Destructor: the engine by SIGTERM (it stops Redis), then Redis if it still lives.
/// 3. An engine that was ended may be started again: with the Redis that it finds, or its own.
class stage {
public:
  /// The folder, the configuration, Redis.
  static result<std::unique_ptr<stage>> make(const pipeline_options&, const rule_set&);
  ~stage();
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  /// Starts the engine; waits until it listens. `go_on` is asked meanwhile: false gives up.
  status start_engine(const std::function<bool()>& go_on);
  /// Ends the engine in good order: with its Redis.
  void stop_engine();
  /// Ends the engine with SIGKILL, and its Redis too, or not.
  void kill_engine(bool redis_too);
  /// Takes note of the process that answers as Redis now, and says whether it has read its data.
  bool redis_ready();
  /// Whether it is the owner and has read the log to its end.
  bool engine_ready();
  /// Fails with the end of its log when it is no more.
  status engine_alive();
  /// Its metrics, by name with labels.
  std::map<std::string, double> metrics();

  const redis_address& address() const { return address_; }
  std::string url() const;
  std::int64_t engine_pid() const { return engine_ ? engine_->pid() : 0; }
  std::int64_t redis_pid() const { return redis_pid_; }
  const std::string& folder() const { return folder_; }

private:
  explicit stage(const pipeline_options& o) : options_(o) {}
  status write_config(const rule_set& rules) const;
  status start_redis();
  void stop_redis();
  std::string log_text() const;

  const pipeline_options options_;
  std::string folder_;
  redis_address address_;
  std::int64_t redis_pid_ = 0;
  std::optional<child_process> engine_;
  std::string port_;
  http::client client_{{.body_bytes_max = 64u << 20}};
};

} // namespace tocsin::bench
