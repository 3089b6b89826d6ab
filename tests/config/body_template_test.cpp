#include "config/body_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::body_template_test {

namespace {

struct reading {
  body_template body;
  std::string problems;
};

reading read(std::string_view json) {
  const auto text = fmt::format(R"({{"body":{}}})", json);
  const auto document = json_document::read(text);
  EXPECT_TRUE(document) << text;
  problem_list problems;
  const json_cursor root(*document, "c.json");
  reading out{read_body(root.child(document->root().members.at(0)), problems), ""};
  for (const auto& problem : std::move(problems).take())
    out.problems += problem.message + '\n';
  return out;
}

// Filled with the names of the values in angle brackets.
std::string filled(std::string_view json) {
  const auto [body, problems] = read(json);
  EXPECT_EQ(problems, "");
  return body.fill([](const body_template::piece& p) {
    return fmt::format("<{}{}>", body_value_names[static_cast<std::size_t>(p.value)], p.name);
  });
}

} // namespace

TEST(body_template, is_any_json_value_whose_texts_are_filled) {
  EXPECT_EQ(
      filled(R"({"text":"{{ruleName}} on {{ hostName }}","n":[1.50,null,true,{}],"{{x}}":""})"),
      R"({"text":"<ruleName> on <hostName>","n":[1.50,null,true,{}],"{{x}}":""})");
  EXPECT_EQ(filled("17"), "17");
  EXPECT_EQ(filled(R"(["{{event}}{{reason}}","a\"b\n"])"), R"(["<event><reason>","a\"b\n"])");
}

TEST(body_template, a_text_by_itself_is_plain_text) {
  EXPECT_EQ(filled(R"("\"{{ruleName}}\"\n{{triggerValue.raw}}")"),
            "\"<ruleName>\"\n<triggerValue.raw>");
  EXPECT_TRUE(read(R"("")").body.plain_text);
  EXPECT_FALSE(read(R"([""])").body.plain_text);
  EXPECT_FALSE(read(R"("")").body.empty());
}

TEST(body_template, labels_and_annotations_are_named) {
  EXPECT_EQ(filled(R"(["{{labels.team}} {{annotations.a.b}}"])"),
            R"(["<labels.NAMEteam> <annotations.NAMEa.b>"])");
}

TEST(body_template, every_name_but_those_two_stands_for_its_value) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(body_value::label); ++i)
    EXPECT_EQ(filled(fmt::format(R"("{{{{{}}}}}")", body_value_names[i])),
              fmt::format("<{}>", body_value_names[i]));
}

TEST(body_template, no_value_breaks_out_of_its_text) {
  const auto body = read(R"({"a":"{{hostName}}"})").body;
  const auto text = body.fill([](const auto&) { return "\",\"b\":1,\"\\\n\xff"; });
  EXPECT_EQ(text, "{\"a\":\"\\\",\\\"b\\\":1,\\\"\\\\\\n\xEF\xBF\xBD\"}");
  ASSERT_TRUE(json_document::read(text));
  EXPECT_EQ(json_document::read(text)->root().members.size(), 1U);
}

TEST(body_template, a_mistake_is_an_error_with_the_nearest_name) {
  EXPECT_EQ(read(R"("{{hostname}}")").problems,
            "unknown name `hostname` in braces: did you mean `hostName`?\n");
  EXPECT_EQ(read(R"({"a":["{{label.team}}"]})").problems,
            "unknown name `label.team` in braces: did you mean `labels.team`?\n");
  EXPECT_EQ(read(R"("{{annotation.}}")").problems,
            "unknown name `annotation.` in braces: did you mean `annotations.NAME`?\n");
  EXPECT_EQ(read(R"("{{ruleName")").problems, "braces are opened and not closed: write {{NAME}}\n");
  EXPECT_NE(read(R"("{{anything}}")").problems.find("there are `ruleName`, `hostName`"),
            std::string::npos);
}

TEST(body_template, template_and_filled_text_are_bounded) {
  EXPECT_EQ(read(fmt::format(R"("{}")", std::string(16'385, 'x'))).problems,
            "this body has 16385 bytes: at most 16384\n");
  std::string many;
  for (int i = 0; i < 129; ++i)
    many += "{{event}}";
  EXPECT_EQ(read(fmt::format(R"("{}")", many)).problems,
            "this body has 129 names in braces: at most 128\n");
  const auto body = read(R"("{{hostName}}")").body;
  std::string wide;
  while (wide.size() < 5'000)
    wide += "é";
  const auto text = body.fill([&](const auto&) { return wide; });
  EXPECT_EQ(text.size(), 2'047U); // not within a character
  EXPECT_TRUE(text.ends_with("é…"));
}

} // namespace tocsin::body_template_test
