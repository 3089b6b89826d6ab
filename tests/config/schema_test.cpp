#include "config/alertmanager_reader.hpp"
#include "config/default_config.hpp"
#include "config/flat_form.hpp"
#include "config/json_document.hpp"
#include "config/rule_reader.hpp"
#include "config/setting_keys.hpp"
#include "config/webhook_reader.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace tocsin::schema_test {

namespace {

const json_node* descend(const json_node* node, std::string_view path) {
  while (node != nullptr && !path.empty()) {
    const auto step = path.substr(0, path.find('.'));
    const auto* member = node->find(step);
    node = member ? &member->value : nullptr;
    path.remove_prefix(std::min(step.size() + 1, path.size()));
  }
  return node;
}

std::set<std::string> keys_of(const json_node* node) {
  std::set<std::string> out;
  if (node != nullptr) {
    for (const auto& member : node->members)
      out.insert(member.key);
  }
  return out;
}

} // namespace

TEST(schema, has_exactly_the_settings_that_are_read) {
  const auto schema = json_document::read(config_schema());
  ASSERT_TRUE(schema) << schema.failure().message;
  std::map<std::string, std::set<std::string>> scopes;
  for (const auto& key : setting_keys())
    scopes[std::string(key.scope)].emplace(key.name);
  const std::map<std::string, std::string> places = {
      {"pro.monitoring", "properties.pro.properties.monitoring.properties"},
      {"pro.alerting", "properties.pro.properties.alerting.properties"},
      {"tocsin", "properties.tocsin.properties"}};
  for (const auto& [scope, keys] : scopes)
    EXPECT_EQ(keys_of(descend(&schema->root(), places.at(scope))), keys) << scope;
}

// What is read at the top, by the name that it has there.
TEST(schema, of_the_flat_form_has_exactly_the_settings_that_are_read) {
  const auto schema = json_document::read(flat_config_schema());
  ASSERT_TRUE(schema) << schema.failure().message;
  std::set<std::string> expected = {"$schema"};
  for (const auto& key : setting_keys())
    if (key.name != "enabled" || key.scope == "tocsin")
      expected.emplace(flat_name_of(key.path()));
  EXPECT_EQ(keys_of(descend(&schema->root(), "properties")), expected);
  const auto nested = json_document::read(config_schema());
  EXPECT_EQ(keys_of(descend(&schema->root(), "definitions")),
            keys_of(descend(&nested->root(), "definitions")));
}

TEST(schema, has_exactly_the_keys_of_a_rule_and_the_choices_that_are_read) {
  const auto schema = json_document::read(config_schema());
  ASSERT_TRUE(schema);
  const auto* rule = descend(&schema->root(), "definitions.rule.properties");
  const std::set<std::string> keys(rule_keys().begin(), rule_keys().end());
  EXPECT_EQ(keys_of(rule), keys);
  const auto choices = [&](std::string_view path) {
    std::vector<std::string> out;
    for (const auto& item : descend(rule, path)->items)
      out.push_back(item.text);
    return out;
  };
  std::vector<std::string> aggregations;
  for (const auto value : {aggregation::avg, aggregation::sum, aggregation::min, aggregation::max,
                           aggregation::last, aggregation::count})
    aggregations.emplace_back(name_of(value));
  EXPECT_EQ(choices("aggregation.enum"), aggregations);
  EXPECT_EQ(choices("operand.enum"),
            (std::vector<std::string>{"equalOrMoreThan", "equalOrLessThan"}));
  EXPECT_EQ(choices("noData.enum"), (std::vector<std::string>{"keep", "resolve"}));
}

TEST(schema, has_exactly_the_keys_of_a_webhook_that_are_read) {
  const auto schema = json_document::read(config_schema());
  ASSERT_TRUE(schema);
  const std::set<std::string> keys(webhook_keys().begin(), webhook_keys().end());
  EXPECT_EQ(keys_of(descend(&schema->root(), "definitions.webhook.properties")), keys);
}

TEST(schema, has_exactly_the_keys_of_an_alertmanager_that_are_read) {
  const auto schema = json_document::read(config_schema());
  ASSERT_TRUE(schema);
  const std::set<std::string> keys(alertmanager_keys().begin(), alertmanager_keys().end());
  EXPECT_EQ(keys_of(descend(&schema->root(), "definitions.alertmanager.properties")), keys);
}

} // namespace tocsin::schema_test
