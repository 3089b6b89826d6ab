#include "bench/pipeline/report.hpp"

#include "config/byte_size.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace tocsin::bench {

namespace {

// Sums and means over the measured ticks.
struct totals {
  std::uint64_t samples = 0;
  std::uint64_t lost = 0;
  std::uint64_t events = 0;
  std::int64_t missed = 0;
  std::int64_t blind = 0;
  double engine = 0; // CPU seconds a tick, as the next two
  double redis = 0;
  double load = 0;
  double behind_ms = 0;
  double sealed_ms = 0; // the latest
};

totals sum_up(const pipeline_report& r) {
  totals t;
  for (const auto& tick : r.ticks) {
    t.samples += tick.samples;
    t.lost += tick.lost;
    t.events += tick.events;
    t.missed += r.missed(tick);
    t.blind += tick.blind;
    t.engine += tick.engine_cpu_s;
    t.redis += tick.redis_cpu_s;
    t.load += tick.load_cpu_s;
    t.behind_ms = std::max(t.behind_ms, tick.behind_ms);
    t.sealed_ms = std::max(t.sealed_ms, tick.sealed_ms);
  }
  const auto n = static_cast<double>(std::max<std::size_t>(r.ticks.size(), 1));
  t.engine /= n;
  t.redis /= n;
  t.load /= n;
  return t;
}

double seconds(const pipeline_report& r) {
  return static_cast<double>(r.ticks.size()) * static_cast<double>(r.options.interval_ms) / 1'000;
}

std::string tick_json(const tick_report& t) {
  return fmt::format(
      R"({{"end_ms":{},"samples":{},"lost":{},"behind_ms":{:.1f},"sealed_ms":{:.1f},"blind":{},)"
      R"("events":{},"read_ms_p50":{:.1f},"read_ms_p99":{:.1f},"read_ms_max":{:.1f},)"
      R"("engine_cpu_s":{:.2f},"redis_cpu_s":{:.2f},"load_cpu_s":{:.2f}}})",
      t.end_ms, t.samples, t.lost, t.behind_ms, t.sealed_ms, t.blind, t.events,
      quantile(t.reads, 0.5), quantile(t.reads, 0.99), t.read_max_ms(), t.engine_cpu_s,
      t.redis_cpu_s, t.load_cpu_s);
}

const char* workload_name(const pipeline_options& o) {
  return o.events_per_s > 0 ? "flip" : o.noisy ? "standard" : "exact";
}

std::string options_json(const pipeline_options& o) {
  return fmt::format(
      R"("hosts":{},"rules":{},"interval_s":{},"ticks":{},"warm":{},"history":{},"fire":{},)"
      R"("direct":{},"batch":{},"workload":"{}","events_per_s_wanted":{})",
      o.hosts, o.rules, static_cast<double>(o.interval_ms) / 1'000, o.ticks, o.warm,
      o.history_ticks(), o.fire, o.direct, o.batch, workload_name(o), o.events_per_s);
}

} // namespace

double quantile(std::vector<latency_run> runs, double share) {
  std::sort(runs.begin(), runs.end());
  std::uint64_t all = 0;
  for (const auto& [ms, n] : runs)
    all += n;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all))));
  std::uint64_t seen = 0;
  for (const auto& [ms, n] : runs)
    if ((seen += n) >= rank)
      return ms;
  return 0;
}

std::vector<latency_run> pipeline_report::reads() const {
  std::vector<latency_run> all;
  for (const auto& t : ticks)
    all.insert(all.end(), t.reads.begin(), t.reads.end());
  return all;
}

bool pipeline_report::missed(const tick_report& t) const {
  return t.sealed_ms < 0 || t.sealed_ms > static_cast<double>(options.interval_ms);
}

double pipeline_report::lag_growth_ms() const {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    if (ticks[i].reads.empty())
      continue;
    const auto at = static_cast<double>(i);
    n += 1;
    x += at;
    y += ticks[i].read_max_ms();
    xx += at * at;
    xy += at * ticks[i].read_max_ms();
  }
  const auto spread = n * xx - x * x;
  return spread > 0 ? (n * xy - x * y) / spread : 0;
}

std::string pipeline_report::json() const {
  const auto t = sum_up(*this);
  const auto all = reads();
  const auto n = static_cast<double>(std::max<std::size_t>(ticks.size(), 1));
  std::string out = "{";
  out += options_json(options);
  out += fmt::format(
      R"(,"samples_per_s":{:.0f},"samples_lost":{},"samples_late":{:.0f},"samples_early":{:.0f},)"
      R"("events_per_tick":{:.1f},"events_per_s":{:.1f},"events_read":{},"events_in_stream":{},)"
      R"("holes":{},"caught_up":{},"missed_ticks":{},"blind_ticks":{})",
      static_cast<double>(t.samples) / seconds(*this), t.lost, late_samples, early_samples,
      static_cast<double>(t.events) / n, static_cast<double>(t.events) / seconds(*this),
      events_read, events_in_stream, holes, caught_up, t.missed, t.blind);
  out += fmt::format(
      R"(,"seal_to_read_ms_p50":{:.1f},"seal_to_read_ms_p99":{:.1f},"seal_to_read_ms_max":{:.1f},)"
      R"("sealed_ms_max":{:.1f},"lag_growth_ms_per_tick":{:.2f},"evaluation_ms_mean":{:.2f},)"
      R"("seal_to_commit_ms_mean":{:.2f},"load_behind_ms_max":{:.1f})",
      quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1), t.sealed_ms, lag_growth_ms(),
      evaluation_ms, seal_to_commit_ms, t.behind_ms);
  out += fmt::format(
      R"(,"engine_cpu_s_per_tick":{:.4f},"redis_cpu_s_per_tick":{:.4f},)"
      R"("load_cpu_s_per_tick":{:.4f},"engine_peak_rss_bytes":{},"redis_peak_rss_bytes":{},)"
      R"("load_peak_rss_bytes":{})",
      t.engine, t.redis, t.load, engine_peak_rss, redis_peak_rss, load_peak_rss);
  if (options.storm)
    out += fmt::format(R"(,"storm_events_read":{},"storm_read_ms":{:.1f})", storm_events, storm_ms);
  out += R"(,"per_tick":[)";
  for (const auto& tick : ticks) {
    if (out.back() != '[')
      out += ',';
    out += tick_json(tick);
  }
  return out + "]}";
}

std::string pipeline_report::text() const {
  const auto t = sum_up(*this);
  const auto all = reads();
  const auto n = static_cast<double>(std::max<std::size_t>(ticks.size(), 1));
  std::string out = fmt::format(
      "{} hosts × 10 fields, {} rules ({}), every {} s, {}; {} ticks after {} warm ones and {} of "
      "history\n",
      options.hosts, options.rules, workload_name(options),
      static_cast<double>(options.interval_ms) / 1'000,
      options.direct ? "straight into the log" : "over HTTP", ticks.size(), options.warm,
      options.history_ticks());
  out += fmt::format(
      "samples        {:.0f}/s, {} lost, {:.0f} late; sent at most {:.0f} ms behind\n",
      static_cast<double>(t.samples) / seconds(*this), t.lost, late_samples, t.behind_ms);
  out += fmt::format("events         {:.1f} a tick, {:.1f}/s; {} read of {} in the stream\n",
                     static_cast<double>(t.events) / n,
                     static_cast<double>(t.events) / seconds(*this), events_read, events_in_stream);
  out += fmt::format("ticks          {} missed, {} blind; sealed at most {:.0f} ms after due\n",
                     t.missed, t.blind, t.sealed_ms);
  out +=
      fmt::format("due → read     p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms; {:+.1f} ms a tick\n",
                  quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1), lag_growth_ms());
  if (!caught_up)
    out += "               the engine never caught up with the log: too much for this machine\n";
  out += fmt::format("in the engine  evaluation {:.1f} ms, seal to commit {:.1f} ms (means)\n",
                     evaluation_ms, seal_to_commit_ms);
  out += fmt::format("CPU a tick     engine {:.2f} s, Redis {:.2f} s, load {:.2f} s\n", t.engine,
                     t.redis, t.load);
  out += fmt::format("peak memory    engine {}, Redis {}, load {}\n",
                     describe_byte_size(engine_peak_rss), describe_byte_size(redis_peak_rss),
                     describe_byte_size(load_peak_rss));
  if (options.storm)
    out += fmt::format("storm          {} incidents opened and read {:.1f} ms after due\n",
                       storm_events, storm_ms);
  return out;
}

} // namespace tocsin::bench
