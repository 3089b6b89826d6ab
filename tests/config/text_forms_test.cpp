#include "config/byte_size.hpp"
#include "config/diagnostic.hpp"
#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "config/spelling.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>

namespace tocsin::text_forms_test {

TEST(byte_size, reads_decimal_and_binary_units_in_any_case) {
  EXPECT_EQ(read_byte_size("0"), 0U);
  EXPECT_EQ(read_byte_size("4096"), 4'096U);
  EXPECT_EQ(read_byte_size("512MiB"), 512U << 20);
  EXPECT_EQ(read_byte_size("1 GB"), 1'000'000'000U);
  EXPECT_EQ(read_byte_size("1.5 gib"), std::uint64_t{3} << 29);
  EXPECT_EQ(read_byte_size("2kB"), 2'000U);
  EXPECT_EQ(read_byte_size("1TiB"), std::uint64_t{1} << 40);
}

TEST(byte_size, refuses_what_could_mean_two_things_or_nothing) {
  for (const char* text : {"", "1G", "512M", "MiB", "-1", "1e3", "1 GB ", " 1GB", "1,5GB", "inf",
                           "nan", "99999TiB", "1GBit"})
    EXPECT_EQ(read_byte_size(text), std::nullopt) << text;
  EXPECT_EQ(whole_bytes(1.5), std::nullopt);
  EXPECT_EQ(whole_bytes(-1), std::nullopt);
}

TEST(byte_size, is_described_to_one_decimal) {
  EXPECT_EQ(describe_byte_size(100), "100 bytes");
  EXPECT_EQ(describe_byte_size(512U << 20), "512 MiB");
  EXPECT_EQ(describe_byte_size(std::uint64_t{3} << 29), "1.5 GiB");
}

TEST(spelling, counts_insertions_deletions_and_substitutions) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("cooldwon", "cooldown"), 2U);
}

TEST(spelling, finds_the_nearest_within_its_edits_and_nothing_beyond) {
  const std::array<std::string_view, 3> names = {"name", "field", "value"};
  EXPECT_EQ(nearest_spelling("valeu", names, 2), "value");
  EXPECT_EQ(nearest_spelling("threshold", names, 2), std::nullopt);
  EXPECT_EQ(nearest_spelling(std::string(1'000'000, 'v'), names, 2), std::nullopt);
  EXPECT_EQ(list_choices(names), "`name`, `field` or `value`");
  EXPECT_EQ(list_all(names), "`name`, `field` and `value`");
}

TEST(diagnostic, is_one_line_for_people_and_one_object_for_programs) {
  const diagnostic placed{diagnostic::severity::error, "c.json", 3, 7, "/a", "wrong \"x\""};
  EXPECT_EQ(placed.text(), "c.json:3:7: error: wrong \"x\" (at /a)");
  EXPECT_EQ(placed.json(), R"({"severity":"error","file":"c.json","line":3,"column":7,)"
                           R"("pointer":"/a","message":"wrong \"x\""})");
  const diagnostic bare{diagnostic::severity::warning, "environment", 0, 0, "", "odd"};
  EXPECT_EQ(bare.text(), "environment: warning: odd");
  EXPECT_FALSE(has_errors({bare}));
  EXPECT_TRUE(has_errors({bare, placed}));
}

TEST(json_text, is_valid_json_whatever_comes_in) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all += static_cast<char>(byte);
  all += "\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82";
  EXPECT_TRUE(json_document::read('[' + quote_json(all) + ']'));
  EXPECT_EQ(quote_json("ü€😀"), "\"ü€😀\"");
  EXPECT_EQ(find_bad_utf8("ü€😀"), std::nullopt);
  EXPECT_EQ(find_bad_utf8("a\xC0\x80"), 1U);
}

TEST(json_text, numbers_are_the_shortest_that_read_back) {
  EXPECT_EQ(write_number(0.1), "0.1");
  EXPECT_EQ(write_number(60), "60");
  EXPECT_EQ(write_number(1e21), "1e+21");
  EXPECT_EQ(write_number(HUGE_VAL), "null");
}

TEST(json_text, long_texts_are_cut_between_characters) {
  std::string long_text(59, 'a');
  EXPECT_EQ(quote_for_people(long_text + "üb"), '`' + long_text + "…`");
  EXPECT_EQ(quote_for_people("a\nb"), "`a\\nb`");
}

TEST(quote_json_test, replaces_what_is_no_utf_8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(quote_json("a\xffz"), "\"a" + bad + "z\"");
  EXPECT_EQ(quote_json("\xc0\xaf"), '"' + bad + bad + '"');           // overlong
  EXPECT_EQ(quote_json("\xed\xa0\x80"), '"' + bad + bad + bad + '"'); // surrogate
  EXPECT_EQ(quote_json("\xf4\x90\x80\x80"), '"' + bad + bad + bad + bad + '"');
  EXPECT_EQ(quote_json("\xe6\xbc"), '"' + bad + bad + '"'); // cut off
}

} // namespace tocsin::text_forms_test
