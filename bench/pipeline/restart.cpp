#include "bench/pipeline/restart.hpp"

#include "bench/pipeline/history.hpp"
#include "bench/pipeline/load.hpp"
#include "bench/pipeline/stage.hpp"
#include "streams/redis/partition_state.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace tocsin::bench {

namespace {

namespace fs = std::filesystem;

// Bytes of the files in a folder and below.
std::uint64_t folder_bytes(const std::string& folder) {
  std::uint64_t sum = 0;
  std::error_code ec;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ec))
    if (entry.path().extension() == ".aof" || entry.path().extension() == ".rdb")
      sum += entry.file_size(ec);
  return sum;
}

/// One run, step by step.
class restart_run {
public:
  restart_run(const restart_options& o, const run_control& control)
      : options_(o.scene), how_(o.how), control_(control), keys_("tocsin", "0") {
    report_.options = o;
  }

  result<restart_report> measure() {
    using r = restart_run;
    for (const auto step : {&r::prepare, &r::start, &r::work, &r::end, &r::start_again})
      if (const auto s = (this->*step)(); !s)
        return s.failure();
    return std::move(report_);
  }

private:
  status prepare() {
    control_.say("starting Redis");
    auto made = stage::make(options_, workload::make_rules({.count = options_.rules,
                                                            .fire = options_.fire,
                                                            .interval_ms = options_.interval_ms,
                                                            .exact_fire = true}));
    if (!made)
      return made.failure();
    stage_ = std::move(*made);
    const auto next = write_history(
        stage_->address(), keys_.samples,
        {options_.hosts, options_.batch, options_.interval_ms, options_.history_ticks(), {}, true},
        [&](std::int64_t left) {
          control_.say(fmt::format("writing history: {} ticks left", left));
          return !control_.wait(0);
        });
    if (!next)
      return next.failure();
    first_load_tick_ = *next;
    return done{};
  }

  status start() {
    control_.say("the engine reads the history");
    if (const auto s = stage_->start_engine([&] { return !control_.wait(0); }); !s)
      return s;
    load_options o;
    o.url = stage_->url() + "/api/v1/samples";
    o.hosts = options_.hosts;
    o.batch = options_.batch;
    o.interval_ms = options_.interval_ms;
    o.first_tick = first_load_tick_;
    auto started = start_load_process(o, stage_->folder(), false);
    if (!started)
      return started.failure();
    load_.emplace(std::move(*started));
    return await("the engine never caught up with the log", 600'000,
                 [&] { return stage_->engine_ready(); });
  }

  // Until so many ticks were committed live.
  status work() {
    control_.say("the engine works");
    const auto until = static_cast<std::int64_t>(now_ms()) + options_.warm * options_.interval_ms;
    return await("no tick was committed", 60'000 + 4 * static_cast<double>(options_.interval_ms),
                 [&] { return last_row_ms() >= until; });
  }

  status end() {
    load_.reset();
    if (how_ == ending::stop)
      stage_->stop_engine();
    else
      stage_->kill_engine(how_ == ending::kill_redis);
    report_.redis_file_bytes = folder_bytes(stage_->folder() + "/state");
    control_.say("until a tick is due that nobody seals");
    const auto now = static_cast<std::int64_t>(now_ms());
    due_end_ms_ = ((now - options_.grace_ms()) / options_.interval_ms + 1) * options_.interval_ms;
    const auto left = due_end_ms_ + options_.grace_ms() - now;
    return control_.wait(left + 50) ? status(error{"stopped"}) : status(done{});
  }

  status start_again() {
    control_.say("starting again");
    const double began = now_ms();
    const auto since = [&] { return (now_ms() - began) / 1'000; };
    const auto listening = stage_->start_engine([&] {
      if (report_.redis_s == 0 && stage_->redis_ready())
        report_.redis_s = since();
      return !control_.wait(0);
    });
    if (!listening)
      return listening;
    report_.listening_s = since();
    if (report_.redis_s == 0 && stage_->redis_ready())
      report_.redis_s = report_.listening_s;
    const auto redis_cpu_before =
        how_ == ending::kill ? cpu_seconds(stage_->redis_pid(), false) : 0;
    const auto served = await("the engine never served again", 600'000, [&] {
      if (report_.ready_s == 0 && stage_->engine_ready())
        report_.ready_s = since();
      return report_.ready_s > 0 && last_row_ms() >= due_end_ms_;
    });
    if (!served)
      return served;
    report_.serving_s = since();
    report_.engine_cpu_s = cpu_seconds(stage_->engine_pid(), false);
    report_.redis_cpu_s = cpu_seconds(stage_->redis_pid(), false) - redis_cpu_before;
    take_metrics();
    return done{};
  }

  void take_metrics() {
    auto m = stage_->metrics();
    report_.state_s = m[R"(tocsin_last_recovery_seconds{part="state"})"];
    report_.log_s = m[R"(tocsin_last_recovery_seconds{part="log"})"];
    report_.entries = m["tocsin_last_recovery_log_entries"];
    report_.bytes = m["tocsin_last_recovery_log_bytes"];
    report_.hosts = m["tocsin_hosts"];
    report_.engine_peak_rss = peak_rss_bytes(stage_->engine_pid());
  }

  // The end of the newest tick in the record; 0 where none can be read.
  std::int64_t last_row_ms() {
    auto c = redis::connection::open(stage_->address(), "tocsin-bench");
    const auto row =
        c ? redis::last_tick(*c, keys_) : result<std::optional<redis::tick_row>>(c.failure());
    return row && *row ? (*row)->end_ms : 0;
  }

  template <class Ready>
  status await(const char* otherwise, double patience_ms, Ready ready) {
    for (const auto until = now_ms() + patience_ms; now_ms() < until;) {
      if (const auto s = stage_->engine_alive(); !s)
        return s;
      if (ready())
        return done{};
      if (control_.wait(10))
        return error{"stopped"};
    }
    return error{otherwise};
  }

  const pipeline_options options_;
  const ending how_;
  const run_control& control_;
  const redis::partition_keys keys_;
  std::unique_ptr<stage> stage_; // before what talks to it, so that it ends last
  std::optional<child_process> load_;
  std::int64_t first_load_tick_ = 0;
  std::int64_t due_end_ms_ = 0; // of the tick that the engine seals when it is back
  restart_report report_;
};

} // namespace

result<restart_report> run_restart(const restart_options& o, const run_control& control) {
  return restart_run(o, control).measure();
}

} // namespace tocsin::bench
