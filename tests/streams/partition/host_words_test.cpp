#include "streams/partition/host_words.hpp"

#include "config/json_text.hpp"

#include <gtest/gtest.h>

namespace tocsin::host_words_test {

namespace {

const std::string labels = R"({"dc":"eu-1","Role":"Web server","rack":""})";

bool finds(std::string_view text, std::string_view name = "Web-01.example",
           std::string_view of = labels) {
  auto words = host_words::read(text);
  return words && (*words)(name, of);
}

} // namespace

TEST(host_words, a_word_is_part_of_the_name_or_of_a_label_in_either_case) {
  for (const auto* text : {"", "  ", "web", "WEB-01", "example", "eu", "ROLE", "server", "-0"})
    EXPECT_TRUE(finds(text)) << text;
  for (const auto* text : {"db", "web-02", "eu-2", "web-01.example.org"})
    EXPECT_FALSE(finds(text)) << text;
  EXPECT_TRUE(finds("web", "web", ""));
  EXPECT_FALSE(finds("eu", "web", ""));
}

TEST(host_words, all_words_must_hold_wherever_they_stand) {
  EXPECT_TRUE(finds("eu web"));
  EXPECT_TRUE(finds(" 01\teu-1  server "));
  EXPECT_FALSE(finds("web us"));
  EXPECT_FALSE(finds("db eu"));
}

TEST(host_words, a_star_stands_for_any_text_and_makes_the_word_the_whole) {
  for (const auto* text : {"*", "**", "web-*", "*.example", "w*0*e", "eu*", "*server", "web*"})
    EXPECT_TRUE(finds(text)) << text;
  for (const auto* text : {"eb-*", "*.exampl", "u*1", "web-01.example*x", "web*-01*-01*"})
    EXPECT_FALSE(finds(text)) << text;
  EXPECT_FALSE(finds("aba*ba", "aba", "")) << "pieces do not share letters";
  EXPECT_TRUE(finds("a*b*c", "aXbYbZc", ""));
}

TEST(host_words, a_label_has_the_value_whole) {
  for (const auto* text : {"dc:eu-1", "DC:EU-1", "dc:eu*", "dc:*", "dc:", "rack:", "rack:*",
                           "role:web*", "role:*server"})
    EXPECT_TRUE(finds(text)) << text;
  for (const auto* text : {"dc:eu", "dc:*2", "c:eu-1", "role:web", "rack:1", "zone:", ":eu-1"})
    EXPECT_FALSE(finds(text)) << text;
}

TEST(host_words, a_name_with_a_colon_is_found_by_it) {
  EXPECT_TRUE(finds("10.0.0.1:91", "10.0.0.1:9100", ""));
  EXPECT_TRUE(finds("::1", "::1", ""));
  EXPECT_FALSE(finds("10.0.0.1:92", "10.0.0.1:9100", ""));
}

TEST(host_words, labels_are_compared_as_they_were_sent) {
  const auto of = [](std::string_view name, std::string_view value) {
    return '{' + quote_json(name) + ':' + quote_json(value) + '}';
  };
  EXPECT_TRUE(finds(R"(a"b\c)", "h", of("x", R"(a"b\c)")));
  EXPECT_FALSE(finds("n", "h", of("x", "a\nb"))) << "of an escape";
  EXPECT_FALSE(finds("001", "h", of("x", "a\x01"))) << "of an escape";
  EXPECT_TRUE(finds("\"},{\"y\":", "h", of("x", "\"},{\"y\":")));
  EXPECT_TRUE(finds("x:é*", "h", of("x", "é🔔")));
  EXPECT_FALSE(finds("eu", "h", "{\"dc\":\"")) << "cut off";
}

TEST(host_words, there_are_only_so_many) {
  std::string text;
  for (std::size_t i = 0; i < host_words::words_max; ++i)
    text += "e ";
  EXPECT_TRUE(finds(text));
  EXPECT_FALSE(host_words::read(text + "e"));
}

} // namespace tocsin::host_words_test
