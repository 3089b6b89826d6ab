#include "config/safe_text.hpp"

#include "config/diagnostic.hpp"
#include "config/json_document.hpp"
#include "config/json_text.hpp"

#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::safe_text_test {

namespace {

// The UTF-8 of a code point below U+10000.
std::string utf8(unsigned point) {
  if (point < 0x80)
    return {static_cast<char>(point)};
  if (point < 0x800)
    return {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
  return {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3F)),
          static_cast<char>(0x80 | (point & 0x3F))};
}

bool must_be_escaped(unsigned point) {
  const auto within = [&](unsigned first, unsigned last) {
    return point >= first && point <= last;
  };
  return within(0, 0x1F) || within(0x7F, 0x9F) || point == 0x61C || point == 0x200E ||
         point == 0x200F || within(0x2028, 0x202E) || within(0x2066, 0x2069);
}

} // namespace

TEST(safe_text, exactly_controls_separators_and_bidirectional_marks_are_escaped) {
  for (unsigned point = 0; point < 0x10000; ++point) {
    if (point >= 0xD800 && point < 0xE000)
      continue; // no characters
    const auto text = fmt::format("a{}b", utf8(point));
    auto escaped = fmt::format("a\\u{:04x}b", point);
    if (point == '\n' || point == '\r')
      escaped = point == '\n' ? "a\\nb" : "a\\rb";
    const bool kept = point == '\t' || !must_be_escaped(point);
    ASSERT_EQ(safe_line(text), kept ? text : escaped) << point;
    ASSERT_EQ(safe_lines(text), kept || point == '\n' ? text : escaped) << point;
  }
  EXPECT_EQ(safe_line("\xF0\x9F\x9A\xA8 ü"), "\xF0\x9F\x9A\xA8 ü");
}

TEST(safe_text, bytes_that_are_no_utf8_and_lone_surrogates_are_replaced) {
  EXPECT_EQ(safe_line("a\xFF\x80z"), "a\uFFFD\uFFFDz");
  EXPECT_EQ(safe_line("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(safe_line("\xC2"), "\uFFFD");
  EXPECT_EQ(safe_line("\xE2\x80"), "\uFFFD\uFFFD");
}

TEST(safe_text, json_stays_json_with_the_same_meaning) {
  const std::string name = "web\u202e\u0085\u2028\x7f\u2069";
  const auto safe = safe_lines(fmt::format("[{}]\n", quote_json(name)));
  EXPECT_EQ(safe, "[\"web\\u202e\\u0085\\u2028\\u007f\\u2069\"]\n");
  EXPECT_EQ(json_document::read(safe)->root().items[0].text, name);
}

TEST(safe_text, names_in_messages_and_diagnostics_are_safe) {
  EXPECT_EQ(quote_for_people("a\u202eb\u0085\x1b"), "`a\\u202eb\\u0085\\u001b`");
  const diagnostic about{.file = "c\n.json", .pointer = "/a\u2066b", .message = "bad \u009b31m"};
  EXPECT_EQ(about.text(), "c\\n.json: error: bad \\u009b31m (at /a\\u2066b)");
}

} // namespace tocsin::safe_text_test
