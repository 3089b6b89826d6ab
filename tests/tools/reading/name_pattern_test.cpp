#include "tools/reading/name_pattern.hpp"

#include <gtest/gtest.h>

namespace tocsin::name_pattern_test {
namespace {

bool fits(const char* pattern, std::string_view name) {
  return name_pattern(pattern).matches(name);
}

TEST(name_pattern, must_fit_the_whole_name) {
  EXPECT_TRUE(fits("web-1", "web-1"));
  EXPECT_FALSE(fits("web-1", "web-10"));
  EXPECT_FALSE(fits("web-1", "a web-1"));
  EXPECT_FALSE(fits("web-1", "WEB-1"));
  EXPECT_FALSE(fits("", "a"));
}

TEST(name_pattern, has_a_star_for_any_text) {
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("web-*", "web-"));
  EXPECT_TRUE(fits("*web*", "a web b"));
  EXPECT_TRUE(fits("a*b*c", "aXbYbZc"));
  EXPECT_TRUE(fits("a**c", "abc"));
  EXPECT_FALSE(fits("a*b*c", "aXbYbZ"));
  EXPECT_FALSE(fits("*.example", "a.example.org"));
}

TEST(name_pattern, has_a_question_mark_for_one_character_of_any_length) {
  EXPECT_TRUE(fits("web-?", "web-1"));
  EXPECT_FALSE(fits("web-?", "web-"));
  EXPECT_FALSE(fits("web-?", "web-10"));
  EXPECT_TRUE(fits("b?r", "b\xC3\xA4r"));
  EXPECT_TRUE(fits("*?r", "b\xE2\x82\xACr"));
  EXPECT_TRUE(fits("??", "\xFF\xFE")) << "a byte that is no UTF-8 is a character";
}

TEST(name_pattern, takes_no_other_character_for_special) {
  EXPECT_TRUE(fits("a[b].\\", "a[b].\\"));
  EXPECT_FALSE(fits("a[b]", "ab"));
  EXPECT_FALSE(fits("a.c", "abc"));
}

TEST(name_pattern, ends_soon_where_many_stars_fit_nothing) {
  EXPECT_FALSE(fits("*a*a*a*a*a*a*a*a*a*b", std::string(20'000, 'a')));
}

} // namespace
} // namespace tocsin::name_pattern_test
