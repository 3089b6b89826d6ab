#include "streams/partition/incident_span.hpp"
#include "streams/partition/sample_span.hpp"

#include "tests/support/redis_fixture.hpp"

#include <gtest/gtest.h>

namespace tocsin::sample_span_test {
namespace {

class span_test : public test::redis_test {
protected:
  // An entry of one line, with an id of this time.
  void log(std::uint64_t id_ms, const std::string& line) {
    const redis::stream_id id{id_ms, 0};
    ASSERT_TRUE(c.call({"XADD", keys.samples, id.text(), "s", line}));
  }
  static std::string sample(const std::string& host, std::int64_t ts) {
    return R"({"host":")" + host + R"(","ts":)" + std::to_string(ts) + R"(,"x":1})";
  }
  std::string read(std::int64_t from_ms, std::int64_t to_ms, span_bounds bounds = {},
                   int reads = 100) {
    sample_span span(from_ms, to_ms);
    const auto end = read_span(
        c, keys.samples, from_ms, to_ms, bounds, [&reads] { return reads-- > 0; }, span);
    EXPECT_TRUE(end) << end.failure().message;
    std::string out = *end == span_end::whole     ? ""
                      : *end == span_end::stopped ? "stopped "
                                                  : "large ";
    span.visit([&out](std::string_view json) {
      out += json.substr(9, json.find(",\"x") - 9);
      out += ' ';
      return true;
    });
    return out;
  }

  const redis::partition_keys keys{"tocsin", "0"};
  const std::int64_t now = 1'700'000'000'000;
};

TEST_F(span_test, finds_samples_that_came_before_or_long_after_their_time) {
  log(now - 50'000, sample("early", now));
  log(now, sample("timely", now));
  log(now + 3'500'000, sample("kept", now));
  log(now + 3'700'000, sample("lost", now));
  EXPECT_EQ(read(now, now), "early\",\"ts\":1700000000000 kept\",\"ts\":1700000000000 "
                            "timely\",\"ts\":1700000000000 ");
}

TEST_F(span_test, reads_to_the_end_behind_an_id_of_the_future) {
  log(now, sample("a", now));
  log(9'999'999'999'999, sample("other", now - 9));
  ASSERT_TRUE(c.call({"XADD", keys.samples, "*", "s", sample("b", now)})); // id: the same, next
  EXPECT_EQ(read(now, now), "a\",\"ts\":1700000000000 b\",\"ts\":1700000000000 ");
}

TEST_F(span_test, ends_at_its_bounds_and_says_so) {
  for (int i = 0; i < 40; ++i)
    log(now + i, sample("a", now + i));
  EXPECT_TRUE(read(now, now + 40, {.bytes_max = 500}).starts_with("large "));
  EXPECT_TRUE(read(now, now + 40, {}, 1).starts_with("stopped "));
  EXPECT_TRUE(read(now, now + 40).starts_with("a\""));
}

TEST_F(span_test, incidents_end_at_their_bound_and_say_so) {
  for (int i = 0; i < 2'500; ++i) {
    const auto id = redis::stream_id{static_cast<std::uint64_t>(now), std::uint64_t(i)}.text();
    c.append({"XADD", keys.incidents, id, "event", i % 2 ? "resolved" : "opened", "id",
              std::to_string(i), "ruleName", "r", "hostName", "h", "startTime", "s", "endTime", "e",
              "triggerValue", "1"});
  }
  ASSERT_TRUE(c.flush());
  const auto count = [&](std::size_t most, int reads) {
    auto found = read_incident_span(c, keys, now, now, most, [&reads] { return reads-- > 0; });
    EXPECT_TRUE(found) << found.failure().message;
    return std::pair(found->resolved.size(), found->too_many);
  };
  EXPECT_EQ(count(5'000, 9), std::pair(std::size_t{1'250}, false));
  EXPECT_EQ(count(100, 9).second, true);
  EXPECT_EQ(count(5'000, 1).second, true);
}

} // namespace
} // namespace tocsin::sample_span_test
