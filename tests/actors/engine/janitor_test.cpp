#include "actors/janitor.hpp"

#include "streams/partition/recovery.hpp"
#include "streams/redis/partition_state.hpp"
#include "tests/actors/engine/engine_test.hpp"

namespace tocsin::janitor_test {

namespace {

constexpr std::int64_t begin_ms = 1'700'000'000'000;
constexpr std::int64_t rows = 3'000;

settings with_short_memory() {
  settings s;
  s.interval_ms = s.watcher_interval_ms = 1'000;
  s.host_expiry_ms = 60'000;
  s.monitoring_retention_ms = INT64_C(1) << 42; // the ids of the log are old
  return s;
}

} // namespace

class janitor_test : public test::engine_test {
protected:
  /// A record of seals, one per second, and a log that begins with an entry of this id.
  void write(const std::string& log_begin) {
    for (std::int64_t i = 1; i <= rows; ++i)
      c.append({"XADD", keys.ticks, std::to_string(begin_ms + i * 1'000) + "-0", "logId", "0-1",
                "blind", "0", "nonBlind", "1", "rules", "r"});
    c.append({"XADD", keys.samples, log_begin, "hb", ""});
    ASSERT_TRUE(c.flush().ok());
  }
  /// The oldest end that is left once the janitor has looked.
  std::int64_t oldest_kept() {
    engine e(with_short_memory(), server().address());
    e.ctx.role = engine_role::owner;
    const auto j = e.actors.spawn<caf::detached>(janitor, &e.ctx);
    // Measured after the log and its record were trimmed.
    EXPECT_TRUE(test::eventually([&] { return e.ctx.metrics.log_bytes.value() > 0; }));
    caf::anon_send_exit(j, caf::exit_reason::kill);
    std::vector<std::int64_t> ends;
    EXPECT_TRUE(redis::scan_ticks(c, keys, 0, begin_ms * 10, [&](const redis::tick_row& row) {
                  ends.push_back(row.end_ms);
                }).ok());
    return ends.empty() ? 0 : ends.front();
  }

  const redis::partition_keys keys{"tocsin", "0"};
  const std::int64_t needed_ms =
      begin_ms + rows * 1'000 - record_span_ms(partition_plan(with_short_memory()));
};

TEST_F(janitor_test, keeps_the_record_of_seals_as_far_back_as_a_recovery_looks_whatever_ids_say) {
  write("9999999999999-0"); // of the year 2286
  const auto kept = oldest_kept();
  EXPECT_GT(kept, begin_ms + 1'000) << "nothing was trimmed";
  EXPECT_LE(kept, needed_ms);
}

TEST_F(janitor_test, keeps_the_record_of_seals_as_far_back_as_the_log_reaches) {
  const auto log_begin_ms = begin_ms + 1'000'000; // long before what a recovery needs
  write(std::to_string(log_begin_ms) + "-0");
  ASSERT_LT(log_begin_ms, needed_ms);
  const auto kept = oldest_kept();
  EXPECT_GT(kept, begin_ms + 1'000) << "nothing was trimmed";
  EXPECT_LE(kept, log_begin_ms);
}

} // namespace tocsin::janitor_test
