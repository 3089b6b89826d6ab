#include "bench/pipeline/pipeline.hpp"

#include "bench/pipeline/consumer.hpp"
#include "bench/pipeline/history.hpp"
#include "bench/pipeline/load.hpp"
#include "bench/pipeline/process.hpp"
#include "bench/pipeline/stage.hpp"
#include "streams/redis/partition_state.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <unistd.h>

namespace tocsin::bench {

namespace {

rule_set rules_of(const pipeline_options& o) {
  const workload::rules_wanted wanted{.count = o.rules,
                                      .fire = o.fire,
                                      .window_ticks = o.window_ticks,
                                      .interval_ms = o.interval_ms,
                                      .exact_fire = !o.noisy};
  auto rules =
      o.events_per_s > 0 ? workload::make_flip_rules(wanted) : workload::make_rules(wanted);
  if (o.storm) {
    rule r;
    r.name = storm_rule;
    r.field = "storm";
    r.aggregate = aggregation::last;
    r.threshold = 1;
    r.timeframe_ms = o.interval_ms;
    rules.push_back(r);
  }
  return rules;
}

// CPU seconds so far.
struct cpu_marks {
  double engine = 0;
  double redis = 0;
  double load = 0;
};

/// One run, step by step.
class run {
public:
  run(const pipeline_options& o, const run_control& control)
      : options_(o), control_(control), keys_("tocsin", "0") {
    shape_.flip_share = o.events_per_s > 0 ? o.flip_share() : 0;
    shape_.storm = o.storm;
    shape_.storm_tick = INT64_MAX;
  }

  result<pipeline_report> measure() {
    for (const auto step : {&run::prepare, &run::start, &run::warm_up, &run::watch, &run::drain})
      if (const auto s = (this->*step)(); !s)
        return s.failure();
    return finish();
  }

private:
  // Redis, the history, the consumer's group.
  status prepare() {
    control_.say("starting Redis");
    auto made = stage::make(options_, rules_of(options_));
    if (!made)
      return made.failure();
    stage_ = std::move(*made);
    if (const auto s = consumer::make_group(stage_->address(), keys_); !s)
      return s;
    const auto next = write_history(
        stage_->address(), keys_.samples,
        {options_.hosts, options_.batch, options_.interval_ms, options_.history_ticks(), shape_},
        [&](std::int64_t left) {
          control_.say(fmt::format("writing history: {} ticks left", left));
          return !control_.wait(0);
        });
    if (!next)
      return next.failure();
    first_load_tick_ = *next;
    return done{};
  }

  // The engine, the consumer, the load.
  status start() {
    control_.say("starting the engine");
    if (const auto s = stage_->start_engine([&] { return !control_.wait(0); }); !s)
      return s;
    consumer_.emplace(stage_->address(), keys_);
    return start_load();
  }

  status start_load() {
    load_options o;
    (options_.direct ? o.socket : o.url) =
        options_.direct ? stage_->address().path : stage_->url() + "/api/v1/samples";
    o.log_key = keys_.samples;
    o.hosts = options_.hosts;
    o.batch = options_.batch;
    o.interval_ms = options_.interval_ms;
    o.first_tick = first_load_tick_;
    o.senders = options_.direct ? 2 : options_.senders;
    o.shape = shape_;
    auto started = start_load_process(o, stage_->folder(), true);
    if (!started)
      return started.failure();
    load_.emplace(std::move(*started));
    return done{};
  }

  // Until the engine is the owner and has read the log to its end; or for as long as that can be
  // waited for. Then come the warm ticks.
  status warm_up() {
    const auto patience = 120'000.0 + static_cast<double>(options_.hosts) *
                                          static_cast<double>(options_.history_ticks() + 1) * 0.03;
    for (const auto until = now_ms() + patience; !stage_->engine_ready();) {
      if (const auto s = look_after(); !s)
        return s;
      control_.say("the engine reads the history");
      if (now_ms() > until) { // too much for this machine: that, too, can be measured
        report_.caught_up = false;
        break;
      }
      if (control_.wait(100))
        return error{"stopped"};
    }
    const auto now = workload::tick_at(static_cast<std::int64_t>(now_ms()), options_.interval_ms);
    first_ = now + 1 + options_.warm;
    last_ = first_ + options_.ticks - 1;
    if (options_.storm)
      load_->tell(static_cast<int>(first_ + 1 - first_load_tick_));
    return done{};
  }

  double due_ms(std::int64_t tick) const {
    return static_cast<double>((tick + 1) * options_.interval_ms + options_.grace_ms());
  }

  // Through the measured ticks: marks the CPU whenever a tick is due.
  status watch() {
    for (auto tick = first_; tick <= last_ + 1; ++tick) {
      for (auto left = due_ms(tick) - now_ms(); left > 0; left = due_ms(tick) - now_ms()) {
        if (const auto s = look_after(); !s)
          return s;
        control_.say(progress(tick));
        if (control_.wait(static_cast<std::int64_t>(std::min(left, 200.0)) + 1))
          return error{"stopped"};
      }
      if (tick == first_)
        before_ = stage_->metrics();
      marks_.push_back({cpu_seconds(stage_->engine_pid(), true),
                        cpu_seconds(stage_->redis_pid(), true),
                        cpu_seconds(getpid(), false) + cpu_seconds(load_->pid(), false)});
    }
    after_ = stage_->metrics();
    report_.load_peak_rss = peak_rss_bytes(getpid()) + peak_rss_bytes(load_->pid());
    load_->stop(2'000);
    return done{};
  }

  std::string progress(std::int64_t tick) const {
    const auto end_ms = (tick - 1) * options_.interval_ms;
    const auto events = consumer_->events_of(end_ms);
    const auto done = tick - first_;
    return done < 0 ? fmt::format("warming up: {} ticks left", -done)
                    : fmt::format("tick {} of {}; the last made {} events", done + 1,
                                  options_.ticks + 1, events.events);
  }

  // Takes what the load says; fails when a process is gone.
  status look_after() {
    if (const auto s = stage_->engine_alive(); !s)
      return s;
    heard_ += load_->output();
    for (auto end = heard_.find('\n'); end != std::string::npos; end = heard_.find('\n')) {
      load_report r;
      if (read_report(heard_.substr(0, end), r))
        sent_[r.tick] = r;
      heard_.erase(0, end + 1);
    }
    return load_->alive() ? status(done{}) : error{"the process that plays the hosts ended"};
  }

  // Until the last measured tick is committed and all there is has been read.
  status drain() {
    const auto patience = 30'000.0 + 6 * static_cast<double>(options_.interval_ms);
    for (const auto until = now_ms() + patience; now_ms() < until;) {
      if (const auto s = stage_->engine_alive(); !s)
        return s;
      control_.say("reading the last events");
      if (everything_read())
        break;
      if (control_.wait(50))
        return error{"stopped"};
    }
    return done{};
  }

  bool everything_read() {
    auto c = redis::connection::open(stage_->address(), "tocsin-bench");
    if (!c)
      return false;
    const auto mark = redis::load_progress(*c, keys_);
    if (!mark || !*mark)
      return false;
    const auto id = redis::stream_id::parse((*mark)->last_event_id);
    report_.events_in_stream = id ? id->seq : 0;
    const auto end = redis::parse_unsigned((*mark)->tick).value_or(0);
    const auto wanted = static_cast<std::uint64_t>((last_ + 1) * options_.interval_ms);
    report_.events_read = consumer_->events();
    return end > wanted && report_.events_read >= report_.events_in_stream;
  }

  tick_report report_tick(std::int64_t tick) {
    tick_report t;
    t.end_ms = (tick + 1) * options_.interval_ms;
    const auto& sent = sent_[tick];
    t.samples = sent.samples;
    t.lost = sent.lost;
    t.behind_ms = sent.behind_ms;
    const auto row = consumer_->row_of(t.end_ms);
    t.sealed_ms = row.at > 0 ? row.at - due_ms(tick) : -1;
    t.blind = row.blind;
    const auto events = consumer_->events_of(t.end_ms);
    t.events = events.events;
    for (const auto& [at, n] : events.reads)
      t.reads.emplace_back(at - due_ms(tick), n);
    const auto i = static_cast<std::size_t>(tick - first_);
    t.engine_cpu_s = marks_[i + 1].engine - marks_[i].engine;
    t.redis_cpu_s = marks_[i + 1].redis - marks_[i].redis;
    t.load_cpu_s = marks_[i + 1].load - marks_[i].load;
    if (events.storm_opened > 0) {
      report_.storm_events = events.storm_opened;
      report_.storm_ms = events.storm_last - due_ms(tick);
    }
    return t;
  }

  double grown(const std::string& name) { return after_[name] - before_[name]; }
  double mean_ms(const std::string& histogram) {
    const auto n = grown(histogram + "_count");
    return n > 0 ? grown(histogram + "_sum") / n * 1'000 : 0;
  }

  pipeline_report finish() {
    report_.options = options_;
    report_.engine_peak_rss = peak_rss_bytes(stage_->engine_pid());
    report_.redis_peak_rss = peak_rss_bytes(stage_->redis_pid());
    for (auto tick = first_; tick <= last_; ++tick)
      report_.ticks.push_back(report_tick(tick));
    report_.holes = consumer_->holes();
    report_.late_samples = grown(R"(tocsin_samples_total{result="late"})");
    report_.early_samples = grown(R"(tocsin_samples_total{result="early"})");
    report_.evaluation_ms = mean_ms("tocsin_evaluation_seconds");
    report_.seal_to_commit_ms = mean_ms("tocsin_seal_to_commit_seconds");
    return std::move(report_);
  }

  const pipeline_options options_;
  const run_control& control_;
  const redis::partition_keys keys_;
  sample_shape shape_;
  std::unique_ptr<stage> stage_; // before what talks to it, so that it ends last
  std::optional<child_process> load_;
  std::optional<consumer> consumer_;
  std::int64_t first_load_tick_ = 0;
  std::int64_t first_ = 0; // of the measured ticks
  std::int64_t last_ = 0;
  std::string heard_;
  std::map<std::int64_t, load_report> sent_;
  std::vector<cpu_marks> marks_;
  std::map<std::string, double> before_;
  std::map<std::string, double> after_;
  pipeline_report report_;
};

} // namespace

status check_options(const pipeline_options& o) {
  if (o.events_per_s > 0 && o.flip_share() > 1)
    return error{fmt::format("{} hosts × {} rules make at most {:.0f} events/s: take more of them",
                             o.hosts, o.rules,
                             static_cast<double>(o.hosts) * static_cast<double>(o.rules) * 1'000 /
                                 static_cast<double>(o.interval_ms))};
  if (o.events_per_s > 0 && o.flip_share() * static_cast<double>(o.hosts) < 1)
    return error{"not one host would flip: take more events/s, or fewer rules"};
  if (o.storm && o.ticks < 2)
    return error{"the storm comes in the second tick: measure at least two"};
  return done{};
}

result<pipeline_report> run_pipeline(const pipeline_options& o, const run_control& control) {
  if (const auto s = check_options(o); !s)
    return s.failure();
  return run(o, control).measure();
}

} // namespace tocsin::bench
