#include "streams/sample/number.hpp"
#include "streams/sample/sample_reader.hpp"

#include "config/json_syntax.hpp"
#include "tests/support/random_samples.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace tocsin::skeleton_test {

using namespace test;

namespace {

// Everything that a line says, or why it is rejected.
std::string said(sample_reader& reader, const std::string& line) {
  const auto r = reader.read_copy(line);
  if (!r)
    return r.failure();
  auto out = fmt::format("{} {} {} {} {}", r->sample.host, r->named_ts, r->sample.ts_ms,
                         r->sample.gone, r->sample.labels);
  if (r->sample.server)
    out += fmt::format(" of {}", *r->sample.server);
  for (const auto& v : r->sample.values)
    out += fmt::format(" {}={:x}", v.field, std::bit_cast<std::uint64_t>(v.value));
  for (const auto& f : reader.dropped())
    out += fmt::format(" {} {}", f.field, f.why);
  return out;
}

const std::vector<std::string> pieces = {"1",
                                         "0",
                                         "-",
                                         "-0",
                                         ".5",
                                         "e5",
                                         "E-300",
                                         "00",
                                         "12.25",
                                         "1e400",
                                         "}",
                                         "{",
                                         "\"",
                                         ",",
                                         ":",
                                         " ",
                                         "\t",
                                         "\\u0061",
                                         "\\",
                                         "null",
                                         "true",
                                         "[1]",
                                         "ts",
                                         "host",
                                         "\xff",
                                         "ö",
                                         "\x7f",
                                         "1e-299",
                                         "9007199254740993",
                                         "0.1234567890123456789",
                                         "\"host\":\"b\",",
                                         "\"ts\":7,",
                                         "\"x\":3,",
                                         "\"at\":9,",
                                         "\"labels\":{\"a\":\"b\"},",
                                         "\"gone\":true,",
                                         "serverId",
                                         "\"serverId\":\"s\",",
                                         "\xc2\x85"};

const std::vector<std::string> seeds = {
    R"({"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},"e.count":0})",
    R"({ "host" : "a" , "x" : 1 , "y" : -2.75e3 } )",
    R"({"ts":5,"labels":{"dc":"eu","n":"1"},"gone":true,"host":"b","m":{"b":{"c":2}},"n":null})",
    R"({"host":"c","ts":1,"x":1,"x":2,"s":"text","at":4})",
    R"({"host":"\u0061","ts":1.5,"\u0062":3,"o":{},"l":[{"a":2}]})",
    R"({"host":"d","serverId":"a1b2","ts":1,"x":1,"o":{"serverId":"c","n":2}})",
};

} // namespace

// A reader that has learnt from other lines says of every line what one says that has not.
TEST(skeleton_test, what_was_learnt_changes_no_answer) {
  dice d(1);
  sample_reader old(sample_reader::source::live);
  std::string line;
  for (int round = 0; round < 200'000; ++round) {
    if (round % 4 == 0)
      line = d.one_of(seeds);
    for (auto n = d.below(3); n > 0; --n) {
      const auto at = static_cast<std::size_t>(d.below(static_cast<std::int64_t>(line.size()) + 1));
      if (d.percent(60))
        line.insert(at, d.one_of(pieces));
      else if (at < line.size())
        line.erase(at, 1);
    }
    sample_reader fresh(sample_reader::source::live);
    ASSERT_EQ(said(old, line), said(fresh, line)) << line;
    ASSERT_EQ(said(old, line), said(fresh, line)) << line; // now both know it
  }
}

TEST(skeleton_test, lines_alike_have_the_same_shape_and_few_are_kept) {
  sample_reader reader(sample_reader::source::live);
  const auto line = [](int fields, int host) {
    auto text = fmt::format(R"({{"host":"h{}","ts":{})", host, host);
    for (int f = 0; f < fields; ++f)
      text += fmt::format(R"(,"f{}":{}.5)", f, host);
    return text + "}";
  };
  for (int round = 0; round < 3; ++round)
    for (int fields = 0; fields < 40; ++fields) {
      static_cast<void>(reader.read_copy(line(fields, 1)));
      const auto first = reader.read_copy(line(fields, 22))->shape;
      const auto text = line(fields, 333);
      const auto second = reader.read_copy(text);
      EXPECT_NE(first, 0u);
      EXPECT_EQ(second->shape, first);
      EXPECT_EQ(second->sample.values.size(), static_cast<std::size_t>(fields));
      EXPECT_EQ(second->sample.host, "h333");
      EXPECT_EQ(second->sample.ts_ms, 333);
    }
}

TEST(skeleton_test, servers_are_read_as_hosts_are) {
  sample_reader reader(sample_reader::source::live);
  std::uint32_t shape = 0;
  for (int i = 0; i < 100; ++i) {
    const auto text = fmt::format(R"({{"host":"h","serverId":"s{}","ts":{},"x":1}})", i, i);
    const auto read = reader.read_copy(text);
    EXPECT_EQ(read->sample.server, fmt::format("s{}", i));
    if (i > 1) {
      EXPECT_EQ(read->shape, shape); // of one skeleton
    }
    shape = read->shape;
  }
  EXPECT_EQ(reader.read_copy(R"({"host":"h","ts":5,"x":1})")->sample.server, std::nullopt);
}

TEST(number_test, a_number_is_read_as_the_library_reads_it) {
  dice d(1);
  for (int round = 0; round < 300'000; ++round) {
    std::string text;
    if (round % 2) {
      text = fmt::format("{}", std::bit_cast<double>(d.word()));
    } else {
      for (auto n = d.between(1, 24); n > 0; --n)
        text += "0123456789012345678901234567890123456789.-+eE"[d.below(45)];
    }
    double value = 0;
    const auto* end = read_json_number(text.data(), text.data() + text.size(), value);
    if (is_json_number(text)) {
      const double right = std::strtod(text.c_str(), nullptr);
      if (end)
        ASSERT_EQ(value, right) << text;
      else
        ASSERT_TRUE(std::isinf(right) || std::abs(right) < 1e-290) << text;
    } else if (end == text.data() + text.size()) {
      ADD_FAILURE() << text;
    }
  }
}

} // namespace tocsin::skeleton_test
