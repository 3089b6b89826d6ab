#include "config/text_pattern.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <random>

namespace tocsin::text_pattern_test {

namespace {

bool fits(std::string_view pattern, std::string_view text) {
  const auto read = text_pattern::read(pattern);
  EXPECT_TRUE(read) << pattern;
  return read->fits(text);
}

// The plain way, for patterns of letters, `*` and `?`.
bool fits_naively(std::string_view pattern, std::string_view text) {
  if (pattern.empty())
    return text.empty();
  if (pattern.front() == '*')
    return fits_naively(pattern.substr(1), text) ||
           (!text.empty() && fits_naively(pattern, text.substr(1)));
  return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
         fits_naively(pattern.substr(1), text.substr(1));
}

text_pattern_list list(std::initializer_list<std::string_view> patterns) {
  text_pattern_list out;
  for (const auto pattern : patterns)
    out.add(*text_pattern::read(pattern));
  return out;
}

} // namespace

TEST(text_pattern, is_matched_against_the_whole_text) {
  EXPECT_TRUE(fits("page", "page"));
  EXPECT_FALSE(fits("page", "pages"));
  EXPECT_FALSE(fits("page", "a page"));
  EXPECT_FALSE(fits("page", "Page"));
  EXPECT_TRUE(fits("", ""));
  EXPECT_FALSE(fits("", "a"));
}

TEST(text_pattern, a_star_is_any_run_and_a_question_mark_one_code_point) {
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("web-*", "web-1"));
  EXPECT_TRUE(fits("web-*", "web-"));
  EXPECT_TRUE(fits("*.eu.*", "a.b.eu.c"));
  EXPECT_FALSE(fits("*.eu.*", "a.eu"));
  EXPECT_TRUE(fits("w?b", "wéb"));
  EXPECT_TRUE(fits("w?b", "w\xF0\x9F\x94\xA5"
                          "b"));
  EXPECT_FALSE(fits("w?b", "wb"));
  EXPECT_FALSE(fits("w?b", "weeb"));
  EXPECT_TRUE(fits("a**b", "ab"));
}

TEST(text_pattern, a_backslash_takes_the_next_character_as_it_is) {
  EXPECT_TRUE(fits("\\*", "*"));
  EXPECT_FALSE(fits("\\*", "a"));
  EXPECT_TRUE(fits("\\?\\\\", "?\\"));
  EXPECT_TRUE(fits("\\é", "é"));
  EXPECT_TRUE(fits("\\!a", "!a"));
  EXPECT_FALSE(text_pattern::read("\\!a")->excludes());
  EXPECT_TRUE(fits("a!", "a!"));
}

TEST(text_pattern, what_cannot_be_one_is_an_error) {
  EXPECT_EQ(text_pattern::read("a\\").failure().message,
            "ends with a backslash: write two of them where one is meant");
  EXPECT_EQ(text_pattern::read(std::string(257, 'a')).failure().message,
            "has 257 bytes: at most 256");
  EXPECT_TRUE(text_pattern::read(std::string(256, '*')));
}

TEST(text_pattern, a_byte_that_is_no_utf8_is_a_code_point) {
  EXPECT_TRUE(fits("??", "\xff\xfe"));
  EXPECT_TRUE(fits("?", "\xC3"));
  EXPECT_TRUE(fits("\xff*", "\xff\xC3"));
}

TEST(text_pattern, agrees_with_the_plain_way) {
  std::mt19937 random(7);
  const auto some = [&](std::string_view of, std::size_t most) {
    std::string out(random() % (most + 1), ' ');
    for (auto& c : out)
      c = of[random() % of.size()];
    return out;
  };
  for (int i = 0; i < 100'000; ++i) {
    const auto pattern = some("aab*?*", 7), text = some("ab", 9);
    EXPECT_EQ(fits(pattern, text), fits_naively(pattern, text)) << pattern << ' ' << text;
  }
}

TEST(text_pattern, the_worst_one_costs_no_more_than_the_two_lengths) {
  std::string pattern;
  for (int i = 0; i < 127; ++i)
    pattern += "*a";
  pattern += "*b";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(fits(pattern, std::string(100'000, 'a')));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(text_pattern_list, matches_what_one_fits_and_none_excludes) {
  EXPECT_TRUE(list({"a", "b*"}).matches("bc"));
  EXPECT_FALSE(list({"a", "b*"}).matches("c"));
  EXPECT_FALSE(list({"b*", "!bad"}).matches("bad"));
  EXPECT_TRUE(list({"!bad", "b*"}).matches("b"));
  EXPECT_TRUE(list({"!bad"}).matches("anything"));
  EXPECT_TRUE(list({"!bad"}).matches(""));
  EXPECT_FALSE(list({"!"}).matches(""));
  EXPECT_TRUE(list({"!"}).matches("x"));
}

} // namespace tocsin::text_pattern_test
