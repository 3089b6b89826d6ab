#include "config/annotation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::annotation_test {

namespace {

// The pieces with their values' names in angle brackets.
std::string taken_apart(std::string_view text) {
  std::string out;
  for (const auto& [before, value] : read_annotation(text).pieces) {
    out += before;
    if (value != annotation_value::none)
      out += fmt::format("<{}>", annotation_names[static_cast<std::size_t>(value)]);
  }
  return out;
}

std::string complaint(std::string_view text) {
  std::string out;
  for (const auto& problem : read_annotation(text).problems)
    out += problem + '\n';
  return out;
}

} // namespace

TEST(annotation, every_name_in_braces_stands_for_its_value) {
  for (const auto name : annotation_names)
    EXPECT_EQ(taken_apart(fmt::format("{{{{{}}}}}", name)), fmt::format("<{}>", name));
  EXPECT_EQ(taken_apart("{{ruleName}}{{ hostName }}: {{\ttriggerValue }} >= {{threshold}}!"),
            "<ruleName><hostName>: <triggerValue> >= <threshold>!");
  EXPECT_EQ(complaint("{{ruleName}} on {{ hostName }}"), "");
}

TEST(annotation, what_is_no_name_in_braces_stays) {
  for (const auto* text : {"", "plain", "{hostName}", "}} { }", "a } b"})
    EXPECT_EQ(taken_apart(text), text);
}

TEST(annotation, a_mistake_shows_itself_in_the_text) {
  EXPECT_EQ(taken_apart("on {{hostname}}, {{ruleName}}"), "on {{hostname: unknown}}, <ruleName>");
  EXPECT_EQ(taken_apart("{{}} {{ }}"), "{{: unknown}} {{: unknown}}");
  EXPECT_EQ(taken_apart("{{ruleName}} on {{hostName}"),
            "<ruleName> on {{hostName} (braces not closed)");
  EXPECT_EQ(taken_apart("{{"), "{{ (braces not closed)");
  EXPECT_EQ(taken_apart("{{ {{hostName}} }}"), "{{{{hostName: unknown}} }}");
}

TEST(annotation, a_mistake_is_complained_about_with_the_nearest_name) {
  EXPECT_EQ(complaint("{{hostname}}"),
            "unknown name `hostname` in braces, which stays in the text: did you mean "
            "`hostName`?\n");
  EXPECT_EQ(complaint("{{TRIGGERVALUE}}"),
            "unknown name `TRIGGERVALUE` in braces, which stays in the text: did you mean "
            "`triggerValue`?\n");
  EXPECT_EQ(complaint("{{ $labels.instance }} {{hostName"),
            "unknown name `$labels.instance` in braces, which stays in the text: there are "
            "`ruleName`, `hostName`, `triggerValue`, `triggerValue.raw`, `field`, `threshold` and "
            "`timeframe`\n"
            "braces are opened and not closed: they stay in the text\n");
}

} // namespace tocsin::annotation_test
