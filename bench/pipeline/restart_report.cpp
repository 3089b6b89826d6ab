#include "bench/pipeline/restart_report.hpp"

#include "config/byte_size.hpp"

#include <fmt/format.h>

namespace tocsin::bench {

namespace {

const char* name_of(ending how) {
  switch (how) {
  case ending::stop:
    return "stop";
  case ending::kill:
    return "kill";
  case ending::kill_redis:
    return "kill-redis";
  }
  return "";
}

} // namespace

std::string restart_report::json() const {
  const auto& o = options.scene;
  auto out = fmt::format(
      R"({{"hosts":{},"rules":{},"interval_s":{},"history":{},"batch":{},"ended":"{}",)", o.hosts,
      o.rules, static_cast<double>(o.interval_ms) / 1'000, o.history_ticks(), o.batch,
      name_of(options.how));
  out += fmt::format(R"("redis_s":{:.3f},"listening_s":{:.3f},"ready_s":{:.3f},"serving_s":{:.3f},)"
                     R"("state_s":{:.3f},"log_s":{:.3f},"log_entries":{:.0f},"log_bytes":{:.0f},)",
                     redis_s, listening_s, ready_s, serving_s, state_s, log_s, entries, bytes);
  out += fmt::format(R"("hosts_restored":{:.0f},"engine_cpu_s":{:.2f},"redis_cpu_s":{:.2f},)"
                     R"("engine_peak_rss_bytes":{},"redis_file_bytes":{}}})",
                     hosts, engine_cpu_s, redis_cpu_s, engine_peak_rss, redis_file_bytes);
  return out;
}

std::string restart_report::text() const {
  const auto& o = options.scene;
  auto out = fmt::format(
      "{} hosts × 10 fields, {} rules, {} ticks of {} s in the log; ended by {}\n", o.hosts,
      o.rules, o.history_ticks(), static_cast<double>(o.interval_ms) / 1'000, name_of(options.how));
  out += fmt::format("Redis          {:.2f} s after the start, with a file of {}\n", redis_s,
                     describe_byte_size(redis_file_bytes));
  out += fmt::format("state          {:.0f} hosts and the incidents in {:.2f} s\n", hosts, state_s);
  out += fmt::format("log            {:.0f} entries, {}, in {:.2f} s\n", entries,
                     describe_byte_size(static_cast<std::uint64_t>(bytes)), log_s);
  out += fmt::format("ready          {:.2f} s after the start\n", ready_s);
  out += fmt::format("serving        {:.2f} s after the start: the tick that was due is checked\n",
                     serving_s);
  out += fmt::format("CPU            engine {:.2f} s, Redis {:.2f} s\n", engine_cpu_s, redis_cpu_s);
  out += fmt::format("peak memory    engine {}\n", describe_byte_size(engine_peak_rss));
  return out;
}

} // namespace tocsin::bench
