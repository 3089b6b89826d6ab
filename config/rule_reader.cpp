#include "config/rule_reader.hpp"

#include "config/choice_reader.hpp"
#include "config/json_text.hpp"
#include "config/keyed_hash.hpp"
#include "config/label_reader.hpp"
#include "config/setting_keys.hpp"
#include "config/value_reader.hpp"

#include <array>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>

namespace tocsin {

namespace {

constexpr std::array<std::string_view, 11> keys = {"name",   "field",     "aggregation", "operand",
                                                   "value",  "timeframe", "cooldown",    "partial",
                                                   "noData", "labels",    "annotations"};
constexpr std::size_t required_keys = 6; // the first of them
constexpr std::array aggregations = {aggregation::avg, aggregation::sum,  aggregation::min,
                                     aggregation::max, aggregation::last, aggregation::count};
constexpr std::array operands = {operand::equal_or_more_than, operand::equal_or_less_than};
constexpr std::array no_datas = {no_data::keep, no_data::resolve};

template <class Enum, std::size_t Count>
std::optional<Enum> read_choice_of(const json_cursor& at, std::string_view what,
                                   const std::array<Enum, Count>& choices, problem_list& problems) {
  std::array<std::string_view, Count> names;
  for (std::size_t i = 0; i < Count; ++i)
    names[i] = name_of(choices[i]);
  const auto hit = read_choice(at, what, names, problems);
  return hit ? std::optional{choices[*hit]} : std::nullopt;
}

// Reads one rule, key by key.
class rule_reader {
public:
  rule_reader(const json_cursor& object, problem_list& problems)
      : object_(object), problems_(problems) {}

  placed_rule run() {
    check_keys(object_, keys, stranger::warned_about, problems_, "rule");
    out_.name = out_.threshold = out_.timeframe = object_.place();
    out_.whole = true;
    for (const auto key : std::span(keys).first(required_keys))
      require(key);
    take(out_.value.name, "name", read_text);
    take(out_.value.field, "field", read_text);
    take_choice(out_.value.aggregate, "aggregation", aggregations);
    take_choice(out_.value.compare, "operand", operands);
    take(out_.value.threshold, "value", read_number);
    out_.value.threshold += 0.0; // -0 becomes 0, so that equal rules are written equally
    take_duration(out_.value.timeframe_ms, "timeframe", 1);
    take_duration(out_.value.cooldown_ms, "cooldown", 0);
    take(out_.value.partial, "partial", read_flag);
    take_choice(out_.value.on_no_data, "noData", no_datas);
    take(out_.value.labels, "labels", read_labels);
    take(out_.value.annotations, "annotations", read_annotations);
    place(out_.name, "name");
    place(out_.threshold, "value");
    place(out_.timeframe, "timeframe");
    return std::move(out_);
  }

private:
  void require(std::string_view key) {
    if (object_.node().find(key))
      return;
    out_.whole = false;
    problems_.error(object_.place(), fmt::format("`{}` is missing", key));
  }

  template <class T, class Read>
  void take(T& into, std::string_view key, Read read) {
    const auto* member = object_.node().find(key);
    if (!member)
      return;
    const std::optional<T> got = read(object_.child(*member), problems_);
    out_.whole = out_.whole && got.has_value();
    into = got.value_or(into);
  }

  void take_duration(std::int64_t& into, std::string_view key, std::int64_t least_ms) {
    take(into, key, [=](const json_cursor& at, problem_list& problems) {
      return read_duration(at, least_ms, duration_ms_max, problems);
    });
  }

  template <class T, class Choices>
  void take_choice(T& into, std::string_view key, const Choices& choices) {
    take(into, key, [&](const json_cursor& at, problem_list& problems) {
      return read_choice_of(at, key, choices, problems);
    });
  }

  void place(origin& into, std::string_view key) {
    if (const auto* member = object_.node().find(key))
      into = object_.child(*member).place();
  }

  const json_cursor& object_;
  problem_list& problems_;
  placed_rule out_;
};

void check_names(std::span<const placed_rule> rules, problem_list& problems) {
  std::unordered_map<std::string_view, const placed_rule*, text_hash> taken;
  for (const auto& placed : rules) {
    if (placed.value.name.empty())
      continue;
    const auto [first, fresh] = taken.try_emplace(placed.value.name, &placed);
    if (!fresh)
      problems.error(placed.name,
                     fmt::format("the name {} is taken: {} has it already",
                                 quote_for_people(placed.value.name), first->second->name.pointer));
  }
}

} // namespace

std::span<const std::string_view> rule_keys() {
  return keys;
}

std::vector<placed_rule> read_placed_rules(const json_cursor& array, problem_list& problems) {
  std::vector<placed_rule> rules;
  if (array.node().type != json_node::kind::array) {
    problems.error(array.place(),
                   fmt::format("expected an array of rules, found {}", array.node().kind_name()));
    return rules;
  }
  for (std::size_t i = 0; i < array.node().items.size(); ++i) {
    const auto item = array.child(i);
    if (item.node().type != json_node::kind::object)
      problems.error(item.place(),
                     fmt::format("expected a rule, found {}", item.node().kind_name()));
    else if (item.node().members.empty())
      problems.warn(item.place(), "an empty rule: it is skipped, remove it");
    else
      rules.push_back(rule_reader(item, problems).run());
  }
  check_names(rules, problems);
  return rules;
}

} // namespace tocsin
