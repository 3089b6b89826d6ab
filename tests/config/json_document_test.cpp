#include "config/json_document.hpp"

#include "config/json_syntax.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace tocsin::json_document_test {

namespace {

// "LINE:COLUMN MESSAGE" of the error, or "" where there is none.
std::string complaint(std::string_view text) {
  const auto document = json_document::read(text);
  if (document)
    return "";
  const auto& [place, message] = document.failure();
  return std::to_string(place.line) + ':' + std::to_string(place.column) + ' ' + message;
}

} // namespace

TEST(json_document, every_value_and_key_knows_its_line_and_column) {
  const auto document = json_document::read("{\n  \"a\": [1,\n    {\"b\": \"ü\", \"c\": null}]\n}");
  ASSERT_TRUE(document);
  const auto* a = document->root().find("a");
  ASSERT_TRUE(a);
  const auto at = [&](std::size_t offset) {
    const auto place = document->place_of(offset);
    return std::pair(place.line, place.column);
  };
  const auto& object = a->value.items[1];
  EXPECT_EQ(at(document->root().offset), std::pair(std::size_t{1}, std::size_t{1}));
  EXPECT_EQ(at(a->offset), std::pair(std::size_t{2}, std::size_t{3}));
  EXPECT_EQ(at(a->value.offset), std::pair(std::size_t{2}, std::size_t{8}));
  EXPECT_EQ(at(object.offset), std::pair(std::size_t{3}, std::size_t{5}));
  EXPECT_EQ(at(object.members[1].offset), std::pair(std::size_t{3}, std::size_t{17}));
  EXPECT_EQ(object.members[0].value.text, "ü");
  EXPECT_EQ(object.members[1].value.type, json_node::kind::null);
}

TEST(json_document, of_equal_keys_the_last_counts_and_the_others_say_so) {
  const auto document = json_document::read(R"({"a":1,"b":2,"\u0061":3})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().find("a")->value.number, 3);
  EXPECT_TRUE(document->root().members[0].shadowed);
  EXPECT_FALSE(document->root().members[1].shadowed);
}

TEST(json_document, a_byte_order_mark_is_skipped_and_counts_for_no_column) {
  const auto document = json_document::read("\xEF\xBB\xBF{\"a\":1}");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->place_of(document->root().find("a")->offset).column, 2U);
  EXPECT_EQ(complaint("\xEF\xBB\xBF"), "1:1 there is nothing here: expected a JSON object");
  EXPECT_EQ(complaint(std::string("\xFF\xFE{\0", 4)), "0:0 this is UTF-16: save the file as UTF-8");
}

TEST(json_document, a_number_that_no_double_holds_is_infinite_and_no_syntax_error) {
  const auto document = json_document::read("[1e999,-1e999,12345678901234567890123]");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().items[0].number, HUGE_VAL);
  EXPECT_EQ(document->root().items[1].number, -HUGE_VAL);
  EXPECT_EQ(document->root().items[1].text, "-1e999");
  EXPECT_EQ(document->root().items[2].number, 12345678901234567890123.0);
}

TEST(json_document, a_number_of_many_digits_is_the_nearest_double) {
  std::vector<std::string> literals = {"10000000000000000000.5",
                                       "0.10000000000000000000001",
                                       "18446744073709551616",
                                       "18446744073709551615.5",
                                       "9007199254740993",
                                       "9007199254740992.9999999999999",
                                       "0.000000000000000000000000001",
                                       "1e-400",
                                       "-1e-400",
                                       "4.9406564584124654e-324",
                                       "2.4703282292062328e-324",
                                       "1.7976931348623158e308",
                                       "-0.0",
                                       "123456789012345678901234567890e-20"};
  std::mt19937_64 random(17);
  for (int i = 0; i < 20'000; ++i) {
    std::string whole, places;
    for (auto more = 1 + random() % 20; more > 0; --more)
      whole.push_back(static_cast<char>('1' + random() % 9));
    for (auto more = 18 + random() % 10; more > 0; --more)
      places.push_back(static_cast<char>('0' + random() % 10));
    literals.push_back(fmt::format("{}.{}", whole, places));
    literals.push_back(fmt::format("0.000{}", places));
    literals.push_back(fmt::format("{}{}e-{}", whole, places, random() % 40));
    literals.push_back(fmt::format("{}{}", whole, places));
  }
  for (const auto& literal : literals) {
    const auto document = json_document::read("[" + literal + "]");
    ASSERT_TRUE(document) << literal;
    EXPECT_EQ(document->root().items[0].number, std::strtod(literal.c_str(), nullptr)) << literal;
  }
}

TEST(json_document, a_syntax_error_is_placed_where_a_person_would_put_the_finger) {
  EXPECT_EQ(complaint(""), "1:1 there is nothing here: expected a JSON object");
  EXPECT_EQ(complaint("true"), "1:1 expected `{` (or `[`), found `true`");
  EXPECT_EQ(complaint("{\"a\": 1,\n}"), "1:8 a comma too many before `}`: remove it");
  EXPECT_EQ(complaint("{\"a\": 1\n \"b\": 2}"), "2:2 expected `,` or `}`, found `\\\"`");
  EXPECT_EQ(complaint("{a: 1}"), "1:2 expected a key in double quotes, found `a`");
  EXPECT_EQ(complaint("{'a': 1}"), "1:2 expected a key in double quotes, found `'`");
  EXPECT_EQ(complaint("{\"a\": 'b'}"), "1:7 JSON takes double quotes, not single ones");
  EXPECT_EQ(complaint("{\"a\" 1}"), "1:6 expected `:` after the key, found `1`");
  EXPECT_EQ(complaint("{\"a\": True}"), "1:7 `True` is no JSON: write `true`");
  EXPECT_EQ(complaint("{\"a\": 10s}"),
            "1:7 `10s` is no JSON number: a text stands in double quotes");
  EXPECT_EQ(complaint("{\"a\": 01}"), "1:7 `01` is no JSON number: a text stands in double quotes");
  EXPECT_EQ(complaint("{ // note\n}"), "1:3 JSON has no comments: remove this one");
  EXPECT_EQ(complaint("{} {}"), "1:4 the document ends before this: remove what follows");
  EXPECT_EQ(complaint("{\"a\": \"b\n\"}"),
            "1:7 the line ends inside this text: its closing quote is missing");
  EXPECT_EQ(complaint("{\"a\": \"\\d\"}"),
            "1:8 `\\d` is no escape: a backslash is written as \\\\");
  EXPECT_EQ(complaint("{\"a\": \"\\ud800\"}"),
            "1:8 half a surrogate pair: it stands for no character");
  EXPECT_EQ(complaint("{\"a\": \"\xC3(\"}"),
            "1:8 these bytes are no UTF-8: save the file as UTF-8");
}

TEST(json_document, a_number_that_is_none_is_told_how_to_write_it) {
  const auto value = [](const std::string& text) { return complaint("{\"a\": " + text + " }"); };
  EXPECT_EQ(value("-.5"), "1:7 `-.5` is no JSON number: write `-0.5`");
  EXPECT_EQ(value(".5"), "1:7 `.5` is no JSON number: write `0.5`");
  EXPECT_EQ(value("5."), "1:7 `5.` is no JSON number: write `5.0`");
  EXPECT_EQ(value("5.e3"), "1:7 `5.e3` is no JSON number: write `5.0e3`");
  EXPECT_EQ(value("+7"), "1:7 `+7` is no JSON number: write `7`");
  for (const std::string word : {"NaN", "-Infinity", "Infinity", "+inf", "nan"})
    EXPECT_EQ(value(word), "1:7 `" + word +
                               "` is no JSON number: JSON has neither infinity nor "
                               "NaN; leave it out, or write `null`");
  EXPECT_EQ(value("1.2.3"), "1:7 `1.2.3` is no JSON number: a text stands in double quotes");
  EXPECT_EQ(value("tru"), "1:7 `tru` is no JSON value: did you mean `true`?");
  EXPECT_EQ(value("nul"), "1:7 `nul` is no JSON value: did you mean `null`?");
  EXPECT_EQ(value("host"), "1:7 `host` is no JSON value: a text stands in double quotes");
}

TEST(json_document, curly_quotes_are_shown_and_named) {
  EXPECT_EQ(complaint("{“a”: 1}"), "1:2 `“` is no quote that JSON knows: write a plain \"");
  EXPECT_EQ(complaint("{\"a\": ”b”}"), "1:7 `”` is no quote that JSON knows: write a plain \"");
  EXPECT_EQ(complaint("{\"a\": 1 ü}"), "1:9 expected `,` or `}`, found `ü`");
}

TEST(json_document, a_text_cut_off_anywhere_is_told_to_be_written_by_half) {
  const std::string whole = R"({"a": [1.5, true, "x\u00e9", {"b": null}]})";
  ASSERT_EQ(complaint(whole), "");
  for (std::size_t length = 1; length < whole.size(); ++length)
    EXPECT_NE(complaint(whole.substr(0, length)).find("by half"), std::string::npos)
        << whole.substr(0, length) << "\n"
        << complaint(whole.substr(0, length));
}

TEST(json_document, nesting_bombs_and_floods_of_values_are_refused) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(complaint(nested(json_depth_max)), "");
  EXPECT_EQ(complaint(nested(json_depth_max + 1)), "1:257 nested deeper than 256 levels");
  EXPECT_EQ(complaint(std::string(2'000'000, '[')), "1:257 nested deeper than 256 levels");
  std::string flood = "[0";
  for (std::size_t i = 0; i < json_document::nodes_max; ++i)
    flood += ",0";
  EXPECT_EQ(complaint(flood + "]"), "0:0 more than 1,000,000 values: this is no configuration");
}

TEST(json_document, more_than_16_mib_are_refused_before_they_are_read) {
  std::string text = "[]";
  text.resize(json_document::text_bytes_max, ' ');
  EXPECT_EQ(complaint(text), "");
  EXPECT_EQ(complaint(text + ' '), "0:0 16777217 bytes are too many: at most 16 MiB are read");
}

TEST(json_document, the_reader_and_the_explainer_agree_on_mutated_texts) {
  const std::string seed =
      R"({"a": [1.5e3, -0, true], "b": {"c": "x\u00e9\n", "é": null}, "d": []})";
  const std::string_view alphabet = "{}[]\",:\\ \n0123.-+eEtrufalsn/'\x01\x80\xC3\xED\xA0u";
  std::mt19937 random(20'240'601);
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto text = seed;
    for (auto edits = 1 + random() % 3; edits > 0; --edits) {
      const auto at = random() % text.size();
      const auto c = alphabet[random() % alphabet.size()];
      if (random() % 3 == 0)
        text.erase(at, 1);
      else if (random() % 2 == 0)
        text.insert(at, 1, c);
      else
        text[at] = c;
    }
    const bool read = json_document::read(text).ok();
    accepted += read ? 1 : 0;
    ASSERT_EQ(read, !find_syntax_error(text).has_value()) << text;
  }
  EXPECT_GT(accepted, 1'000U);
}

TEST(json_document, pointers_escape_as_rfc_6901_says) {
  EXPECT_EQ(child_pointer("", "a/b~c"), "/a~1b~0c");
  EXPECT_EQ(child_pointer("/rules", std::size_t{3}), "/rules/3");
}

} // namespace tocsin::json_document_test
