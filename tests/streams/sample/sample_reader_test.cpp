#include "streams/sample/sample_reader.hpp"

#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "tests/support/colliding_names.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace tocsin::sample_reader_test {

namespace {

using source = sample_reader::source;

struct outcome {
  bool ok = false;
  std::string why;
  sample_line line;
  std::string host, labels;
  std::optional<std::string> server;
  std::map<std::string, double> values;
  std::vector<dropped_field> dropped;
};

outcome read(std::string_view text, source from = source::live) {
  static sample_reader readers[] = {sample_reader(source::live), sample_reader(source::file)};
  auto& reader = readers[from == source::file];
  outcome out;
  const auto r = reader.read_copy(text);
  out.ok = r.ok();
  if (!out.ok) {
    out.why = r.failure();
    return out;
  }
  out.line = *r;
  out.host = r->sample.host;
  out.labels = r->sample.labels;
  out.server = r->sample.server;
  for (const auto& v : r->sample.values)
    EXPECT_TRUE(out.values.emplace(v.field, v.value).second) << v.field << " twice";
  out.dropped = reader.dropped();
  return out;
}

std::map<std::string, double> values_of(const std::string& members) {
  const auto r = read(R"({"host":"h","ts":1,)" + members + "}");
  EXPECT_TRUE(r.ok) << members << ": " << r.why;
  return r.values;
}

using values = std::map<std::string, double>;

} // namespace

TEST(sample_reader_test, every_number_on_a_path_of_keys_is_a_field) {
  EXPECT_EQ(values_of(R"("cpu":{"usage":12.5},"a":{"b":{"c":1}},"uptime":3,"d.e":2)"),
            (values{{"cpu.usage", 12.5}, {"a.b.c", 1}, {"uptime", 3}, {"d.e", 2}}));
}

TEST(sample_reader_test, of_two_spellings_of_a_field_the_later_counts_whatever_it_holds) {
  EXPECT_EQ(values_of(R"("a":{"b":1},"a.b":2)"), (values{{"a.b", 2}}));
  EXPECT_EQ(values_of(R"("a.b":2,"a":{"b":1})"), (values{{"a.b", 1}}));
  EXPECT_EQ(values_of(R"("x":1,"x":null)"), values{});
  EXPECT_EQ(values_of(R"("x":1,"x":"text")"), values{});
  EXPECT_EQ(values_of(R"("x":null,"x":1)"), (values{{"x", 1}}));
  EXPECT_EQ(values_of(R"("a":{"b":1},"a":{"c":2})"), (values{{"a.b", 1}, {"a.c", 2}}));
}

TEST(sample_reader_test, a_path_that_later_holds_an_object_has_no_value) {
  EXPECT_EQ(values_of(R"("a.b":1,"a":{"b":{}})"), values{});
  EXPECT_EQ(values_of(R"("a":1,"a":{"b":2})"), (values{{"a.b", 2}}));
}

TEST(sample_reader_test, more_than_thirty_two_fields_follow_the_same_rule) {
  std::string members;
  values want;
  for (int i = 0; i < 100; ++i) {
    members += fmt::format("\"f{}\":{},", i % 70, i);
    want[fmt::format("f{}", i % 70)] = i;
  }
  EXPECT_EQ(values_of(members + R"("f69":"x")"), [&] {
    want.erase("f69");
    return want;
  }());
}

TEST(sample_reader_test, keys_of_ours_are_no_fields_at_the_top_only) {
  EXPECT_EQ(values_of(R"("at":5,"labels":{"x":1},"gone":1,"heartbeat":5,"serverId":7,)"
                      R"("a":{"host":1,"ts":2,"at":3,"gone":4})"),
            (values{{"a.host", 1}, {"a.ts", 2}, {"a.at", 3}, {"a.gone", 4}}));
}

TEST(sample_reader_test, null_is_no_value_and_other_kinds_are_dropped_with_a_reason) {
  const auto r =
      read(R"({"host":"h","ts":1,"a":null,"b":"x","c":true,"d":[1,{"e":2}],"f":2e300,"g":1})");
  EXPECT_EQ(r.values, (values{{"g", 1}}));
  std::vector<std::string> dropped;
  for (const auto& d : r.dropped)
    dropped.push_back(d.field);
  EXPECT_EQ(dropped, (std::vector<std::string>{"b", "c", "d", "f"}));
}

TEST(sample_reader_test, names_that_are_none_drop_the_field_and_say_why) {
  const auto bad_names = [](const std::string& members) {
    const auto r = read(R"({"host":"h","ts":1,"g":1,)" + members + "}");
    EXPECT_EQ(r.values, (values{{"g", 1}})) << members << r.why;
    std::string all;
    for (const auto& d : r.dropped)
      all += fmt::format("{}: {}; ", d.field, d.why);
    return all;
  };
  const std::string longest(255, 'n');
  EXPECT_EQ(bad_names(R"("":1)"), ": its name is empty; ");
  EXPECT_EQ(bad_names(fmt::format(R"("{}x":1)", longest)),
            longest + ": its name is longer than 255 bytes; ");
  EXPECT_EQ(bad_names(R"("a\tb":1)"), "a\tb: its name holds a control character; ");
  EXPECT_EQ(bad_names(R"("a":{"b\u007f":1})"), "a.b\x7f: its name holds a control character; ");
  EXPECT_EQ(bad_names("\"a\xc2\x80\":1,\"b\xc2\x9f\":2"),
            "a\xc2\x80: its name holds a control character; "
            "b\xc2\x9f: its name holds a control character; ");
  EXPECT_EQ(bad_names(R"("a":{"\ud800":{"b":1}},"\udc00x":3,"d":{"\ud800":null})"),
            "a.\\ud800.b: its name holds half of a surrogate pair; "
            "\\udc00x: its name holds half of a surrogate pair; ");
  EXPECT_EQ(bad_names(R"("":null,"e\u0001":{},"f\u0001":{"x":null})"), "");
  EXPECT_EQ(values_of("\"a\xc2\xa0\":1,\"\xc3\x80\":2," + fmt::format(R"("{}":3)", longest)),
            (values{{"a\xc2\xa0", 1}, {"\xc3\x80", 2}, {longest, 3}}));
}

TEST(sample_reader_test, all_else_in_a_heartbeat_is_ignored) {
  const auto r = read(R"({"heartbeat":17.9,"x":"text","":1,"at":"soon","ts":-1})", source::file);
  ASSERT_TRUE(r.ok) << r.why;
  EXPECT_TRUE(r.line.heartbeat);
  EXPECT_EQ(r.line.at, 17);
  EXPECT_TRUE(r.dropped.empty());
  const auto sample = read(R"({"heartbeat":17,"host":"h","ts":5,"x":1})", source::file);
  EXPECT_FALSE(sample.line.heartbeat);
  EXPECT_EQ(sample.host, "h");
}

TEST(sample_reader_test, a_server_is_told_by_a_string_of_at_most_255_bytes) {
  const auto server_of = [](const std::string& members) {
    const auto r = read(R"({"host":"h","ts":1,)" + members + R"("x":1})");
    EXPECT_EQ(r.values, (values{{"x", 1}})) << members << r.why;
    EXPECT_TRUE(r.dropped.empty()) << members;
    return r.server;
  };
  const std::string longest(255, 's');
  EXPECT_EQ(server_of(""), std::nullopt);
  for (int i = 0; i < 3; ++i) { // the second and third are read as the first was
    EXPECT_EQ(server_of(R"("serverId":"a1",)"), "a1");
    EXPECT_EQ(server_of(R"("serverId":"b\u0031",)"), "b1");
    EXPECT_EQ(server_of(R"("serverId":"",)"), "");
    EXPECT_EQ(server_of(fmt::format(R"("serverId":"{}",)", longest)), longest);
    for (const std::string none : {"7", "null", "[\"a\"]", "{\"a\":1}", "true", "\"\\ud800\""})
      EXPECT_EQ(server_of(fmt::format(R"("serverId":{},)", none)), std::nullopt) << none;
    EXPECT_EQ(server_of(fmt::format(R"("serverId":"{}s",)", longest)), std::nullopt);
    EXPECT_EQ(server_of(R"("serverId":"a","serverId":7,)"), std::nullopt);
    EXPECT_EQ(server_of(R"("serverId":7,"serverId":"a",)"), "a");
  }
}

TEST(sample_reader_test, numbers_are_bounded) {
  const auto got = values_of(
      R"("a":1e300,"b":-1e300,"c":1.0000000000000002e300,"d":1e999,"e":-1e999,"f":9.9e-291,
    "g":1e-290,"h":-0.0,"i":1e-999,"j":123456789012345678901234567890,"k":-9223372036854775809,
    "l":18446744073709551616,
    "m":0.1,"n":-0,"o":5e-324)");
  EXPECT_EQ(got, (values{{"a", 1e300},
                         {"b", -1e300},
                         {"f", 0},
                         {"g", 1e-290},
                         {"h", 0},
                         {"i", 0},
                         {"j", 123456789012345678901234567890.0},
                         {"k", -9223372036854775809.0},
                         {"l", 18446744073709551616.0},
                         {"m", 0.1},
                         {"n", 0},
                         {"o", 0}}));
  EXPECT_FALSE(std::signbit(got.at("h")) || std::signbit(got.at("n")));
}

TEST(sample_reader_test, numbers_that_json_does_not_have_reject_the_line) {
  for (const auto* bad : {"01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "-", "1e", "1e+",
                          "--1", "1_0", "tru", "nul", "nullx", "truex"})
    EXPECT_FALSE(read(fmt::format(R"({{"host":"h","ts":1,"x":{}}})", bad)).ok) << bad;
}

TEST(sample_reader_test, a_host_is_a_string_of_1_to_255_bytes_without_control_characters) {
  const auto host = [](const std::string& json) { return read(R"({"ts":1,"host":)" + json + "}"); };
  EXPECT_EQ(host(R"(" a\u00e9\ud83d\ude00 ")").host, " a\xc3\xa9\xf0\x9f\x98\x80 ");
  EXPECT_TRUE(host('"' + std::string(255, 'x') + '"').ok);
  EXPECT_EQ(host("\"\xc2\xa0\xc3\x80\"").host, "\xc2\xa0\xc3\x80"); // U+00A0, U+00C0
  for (const auto& bad :
       {std::string("\"\""), '"' + std::string(256, 'x') + '"', std::string("1"),
        std::string("null"), std::string("[\"a\"]"), std::string("{}"), std::string(R"("\n")"),
        std::string(R"("\u0000")"), std::string(R"("a\u007f")"), std::string(R"("\ud800")"),
        std::string(R"("a\u0080")"), std::string("\"\xc2\x9f\""), std::string(R"("\udc00x")"),
        std::string("\"a\tb\""), std::string("\"a\0b\"", 5), std::string("\"\xff\""),
        std::string("\"\xc0\xaf\""), std::string("\"\xed\xa0\x80\"")})
    EXPECT_FALSE(host(bad).ok) << quote_for_people(bad);
  EXPECT_FALSE(read(R"({"ts":1})").ok);
  EXPECT_EQ(read(R"({"host":1,"host":"b","ts":1})").host, "b"); // the later counts
  EXPECT_FALSE(read(R"({"host":"b","host":1,"ts":1})").ok);
}

TEST(sample_reader_test, times_are_numbers_from_0_to_8_64e15_and_fractions_are_cut_off) {
  const auto ts = [](const std::string& json) { return read(R"({"host":"h","ts":)" + json + "}"); };
  EXPECT_EQ(ts("0").line.sample.ts_ms, 0);
  EXPECT_EQ(ts("-0.0").line.sample.ts_ms, 0);
  EXPECT_EQ(ts("1700000000000.999").line.sample.ts_ms, 1'700'000'000'000);
  EXPECT_EQ(ts("1.7e12").line.sample.ts_ms, 1'700'000'000'000);
  EXPECT_EQ(ts("8640000000000000").line.sample.ts_ms, 8'640'000'000'000'000);
  for (const auto* bad : {"-1", "8640000000000001", "1e999", "null", "\"1\"", "true", "[]", "{}"})
    EXPECT_FALSE(ts(bad).ok) << bad;
  const auto without = read(R"({"host":"h"})");
  EXPECT_TRUE(without.ok);
  EXPECT_FALSE(without.line.named_ts || without.line.sample.ts_named);
}

TEST(sample_reader_test, at_and_heartbeat_mean_something_in_files_only) {
  EXPECT_EQ(read(R"({"host":"h","ts":5,"at":9})", source::file).line.at, 9);
  EXPECT_FALSE(read(R"({"host":"h","ts":5,"at":9})", source::live).line.at);
  EXPECT_TRUE(read(R"({"host":"h","ts":5,"at":"x"})", source::live).ok);
  EXPECT_FALSE(read(R"({"host":"h","ts":5,"at":"x"})", source::file).ok);
  const auto beat = read(R"({"heartbeat":7})", source::file);
  EXPECT_TRUE(beat.line.heartbeat);
  EXPECT_EQ(beat.line.at, 7);
  EXPECT_FALSE(read(R"({"heartbeat":7})", source::live).ok);
  EXPECT_FALSE(read(R"({"heartbeat":-7})", source::file).ok);
  EXPECT_FALSE(read(R"({"heartbeat":7,"host":"h","ts":5})", source::file).line.heartbeat);
}

TEST(sample_reader_test, gone_is_true_alone) {
  EXPECT_TRUE(read(R"({"host":"h","ts":1,"gone":true})").line.sample.gone);
  for (const auto* other : {"false", "1", "\"true\"", "null", "[true]", "{}"})
    EXPECT_FALSE(read(fmt::format(R"({{"host":"h","ts":1,"gone":{}}})", other)).line.sample.gone)
        << other;
  EXPECT_FALSE(read(R"({"host":"h","ts":1,"gone":true,"gone":0})").line.sample.gone);
}

TEST(sample_reader_test, labels_keep_their_strings_in_one_order) {
  EXPECT_EQ(
      read(R"({"host":"h","ts":1,"labels":{"role":"web","n":1,"dc":"eu\"1","dc":"eu2"}})").labels,
      R"({"dc":"eu2","role":"web"})");
  EXPECT_EQ(read(R"({"host":"h","ts":1,"labels":"x"})").labels, "");
  EXPECT_EQ(
      read(fmt::format(R"({{"host":"h","ts":1,"labels":{{"a":"{}"}}}})", std::string(5'000, 'x')))
          .labels,
      "");
  EXPECT_TRUE(read(R"({"host":"h","ts":1,"labels":{"a":"\ud800","\ud800":"b"}})").ok);
}

TEST(sample_reader_test, half_a_surrogate_elsewhere_than_in_the_host_is_no_reason_to_reject) {
  EXPECT_EQ(values_of(R"("\ud800":1,"a":{"\udc00x":2,"b":3},"t":"\ud800")"), (values{{"a.b", 3}}));
}

TEST(sample_reader_test, nesting_is_bounded) {
  const auto nested = [](std::size_t n, bool arrays) {
    std::string text = R"({"host":"h","ts":1,"x":)";
    for (std::size_t i = 0; i < n; ++i)
      text += arrays ? "[" : "{\"a\":";
    text += "1";
    for (std::size_t i = 0; i < n; ++i)
      text += arrays ? "]" : "}";
    return text + "}";
  };
  for (const bool arrays : {false, true}) {
    EXPECT_TRUE(read(nested(900, arrays)).ok);
    EXPECT_FALSE(read(nested(2'000, arrays)).ok);
    EXPECT_FALSE(read(nested(100'000, arrays)).ok);
  }
}

TEST(sample_reader_test, long_names_of_fields_are_dropped) {
  const auto r = read(fmt::format(R"({{"host":"h","ts":1,"{}":1,"{}":2}})", std::string(255, 'a'),
                                  std::string(256, 'b')));
  EXPECT_EQ(r.values.size(), 1u);
  EXPECT_EQ(r.dropped.size(), 1u);
}

TEST(sample_reader_test, the_fields_of_a_sample_are_bounded_whatever_they_hold) {
  const auto with = [](std::size_t n, const char* value) {
    std::string text = R"({"host":"h","ts":1)";
    for (std::size_t i = 0; i < n; ++i)
      text += fmt::format(",\"f{}\":{}", i, value);
    return text + "}";
  };
  for (const auto* value : {"1", "null", "\"text\"", "{}", "[1]"}) {
    EXPECT_TRUE(read(with(sample_reader::fields_max, value)).ok) << value;
    const auto r = read(with(sample_reader::fields_max + 1, value));
    EXPECT_FALSE(r.ok) << value;
    EXPECT_EQ(r.why, "more than 4096 fields stand in it");
  }
}

TEST(sample_reader_test, names_that_were_made_to_collide_cost_what_others_do) {
  const auto line = [](const std::vector<std::string>& names) {
    std::string text = R"({"host":"h","ts":1)";
    for (const auto& name : names)
      text += fmt::format(",\"{}\":1", name);
    return text + "}";
  };
  constexpr std::size_t n = 20'000; // more than there may be
  const auto names = names_of_one_std_hash(n);
  ASSERT_EQ(std::hash<std::string_view>{}(names[0]), std::hash<std::string_view>{}(names[n - 1]));
  const auto hostile = line(names), plain = line(names_of_no_pattern(n));
  const auto usual = cpu_seconds([&] { read(plain); });
  EXPECT_LT(cpu_seconds([&] { read(hostile); }), 10 * usual + 0.05); // was a second
}

TEST(sample_reader_test, labels_that_are_too_long_are_dropped_before_they_are_gathered) {
  std::string labels;
  for (int i = 0; i < 50'000; ++i)
    labels += fmt::format("{}\"{}\":\"\"", i ? "," : "", i);
  const auto r = read(R"({"host":"h","ts":1,"x":1,"labels":{)" + labels + "}}");
  ASSERT_TRUE(r.ok);
  EXPECT_EQ(r.labels, "");
  EXPECT_EQ(r.values.size(), 1u);
  EXPECT_FALSE(read(R"({"host":"h","ts":1,"labels":{)" + labels + R"(,"a":"b)").ok);
}

TEST(sample_reader_test, what_is_no_single_json_object_is_rejected) {
  for (const auto* bad : {"",
                          " ",
                          "null",
                          "1",
                          "\"x\"",
                          "[]",
                          R"([{"host":"h","ts":1}])",
                          R"({"host":"h","ts":1)",
                          R"({"host":"h","ts":1}})",
                          R"({"host":"h","ts":1} x)",
                          R"({"host":"h","ts":1}{"host":"h"})",
                          R"({"host":"h","ts":1,})",
                          R"({"host":"h" "ts":1})",
                          R"({'host':'h'})",
                          R"({"host":"h","ts":1,"x":[1,]})",
                          R"({"host":"h","ts":1,"x":{"y"}})",
                          R"({"host":"h","ts":1,"x":"\q"})",
                          R"({"host":"h","ts":1,"x":"\u12"})",
                          "{\"host\":\"h\",\"ts\":1,\"x\":\"\xff\"}",
                          "\xef\xbb\xbf[]"})
    EXPECT_FALSE(read(bad).ok) << quote_for_people(bad);
  EXPECT_FALSE(read(std::string_view("{\"host\":\"h\",\0\"ts\":1}", 20)).ok);
  EXPECT_TRUE(read("  {\"host\" :\t\"h\", \"ts\": 1 }\r").ok);
}

TEST(sample_reader_test, a_syntax_error_is_told_as_what_it_is_and_where) {
  const auto why = [](const std::string& value) {
    return read(R"({"host":"h","ts":1,"x":)" + value + "}").why;
  };
  const std::string no_such = "is no JSON number: JSON has neither infinity nor NaN; leave it out, "
                              "or write `null` (byte 24)";
  EXPECT_EQ(why("-Infinity"), "not valid JSON: `-Infinity` " + no_such);
  EXPECT_EQ(why("NaN"), "not valid JSON: `NaN` " + no_such);
  EXPECT_EQ(why("-.5"), "not valid JSON: `-.5` is no JSON number: write `-0.5` (byte 24)");
  EXPECT_EQ(why("tru"), "not valid JSON: `tru` is no JSON value: did you mean `true`? (byte 24)");
  EXPECT_EQ(why("[1,tru]"),
            "not valid JSON: `tru` is no JSON value: did you mean `true`? (byte 27)");
  EXPECT_EQ(why("“a”"),
            "not valid JSON: `“` is no quote that JSON knows: write a plain \" (byte 24)");
  EXPECT_EQ(why("1,"), "not valid JSON: a comma too many before `}`: remove it (byte 25)");
  EXPECT_EQ(read(R"({"host":"h","\ud800":1,"ts":+1})").why,
            "not valid JSON: `+1` is no JSON number: write `1` (byte 29)");
  for (const auto* other : {"", "  ", "5", "tru", "-Infinity", "cpu 12.5", "[1]"})
    EXPECT_EQ(read(other).why, "not a JSON object") << other;
  EXPECT_EQ(read("{\"host\":\"\xff\"}").why, "not valid UTF-8");
}

// Whatever comes in, it does not crash, and what it takes is JSON to the other reader, too.
TEST(sample_reader_test, mutated_lines_that_are_taken_are_json) {
  const std::vector<std::string> seeds = {
      R"({"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},)"
      R"("mem":{"usage":40.1,"free":812345}})",
      R"({"host":"h\u00e9\ud83d\ude00","ts":1.5e3,"labels":{"a":"b"},"gone":true,)"
      R"("x":[1,"2",{"y":null}],"z":-0.0e-1})",
      R"({"heartbeat":17})",
      R"({"a":{"b":{"c":{"d":1e999}}},"host":"x","a.b":"\\\"","at":3,"n":null,"t":false})"};
  const std::string_view bits[] = {"{",    "}",   "[",       "]",   "\"", ",", ":",
                                   "\\",   "\\u", "\\ud800", "1e9", "-",  ".", "null",
                                   "true", "0",   "e",       " ",   "\t", "\n"};
  std::mt19937_64 random(1);
  std::size_t taken = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (auto n = random() % 4 + (round % 2); n > 0 && !text.empty(); --n) {
      const auto at = random() % text.size();
      switch (random() % 5) {
      case 0:
        text[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      case 2:
        text.insert(at, bits[random() % std::size(bits)]);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 12));
        break;
      default:
        text.resize(at);
      }
    }
    const auto r = read(text, round % 3 ? source::live : source::file);
    if (!r.ok) {
      ASSERT_FALSE(r.why.empty());
      continue;
    }
    ++taken;
    for (const auto& [field, v] : r.values)
      ASSERT_TRUE(std::abs(v) <= 1e300 && (v == 0 || std::abs(v) >= 1e-290)) << text;
    const auto doc = json_document::read(text);
    // The other reader refuses half surrogates, and takes a byte order mark for a person's slip.
    ASSERT_TRUE(doc.ok() || doc.failure().message.find("surrogate") != std::string::npos)
        << quote_json(text) << ": " << doc.failure().message;
  }
  EXPECT_GT(taken, 10'000u);
}

} // namespace tocsin::sample_reader_test
