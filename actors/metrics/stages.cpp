#include "actors/metrics/stages.hpp"

#include "config/duration.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

void stage::owes(std::int64_t by_ms, std::string_view waits_for) {
  const std::lock_guard lock(mutex_);
  waits_for_ = waits_for;
  if (!owed_by_ms_)
    owed_by_ms_ = by_ms;
}

void stage::refused(std::int64_t now_ms, std::string why) {
  const std::lock_guard lock(mutex_);
  why_ = std::move(why);
  if (!refused_ms_)
    refused_ms_ = now_ms;
}

void stage::rests() {
  const std::lock_guard lock(mutex_);
  owed_by_ms_.reset();
  refused_ms_.reset();
  why_.clear();
}

stage::standing stage::look(std::int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  const auto since = std::min(owed_by_ms_.value_or(INT64_MAX), refused_ms_.value_or(INT64_MAX));
  if (since >= now_ms && !refused_ms_)
    return {};
  return {std::max<std::int64_t>(now_ms - since, 0), refused_ms_ ? why_ : std::string(waits_for_),
          refused_ms_.has_value()};
}

void stages::evaluate(bool on) {
  for (auto* one : {&reader, &aggregator, &rules, &committer})
    one->rests();
  evaluating_ = on;
}

std::vector<stages::named> stages::vital() const {
  static const stage none;
  const auto of_partition = [&](const stage& one) { return evaluating_ ? &one : &none; };
  return {{"writer", &writer},
          {"reader", of_partition(reader)},
          {"aggregator", of_partition(aggregator)},
          {"rules", of_partition(rules)},
          {"committer", of_partition(committer)},
          {"membership", &membership}};
}

std::shared_ptr<stage> stages::add_sink(const std::string& name) {
  auto made = std::make_shared<stage>();
  const std::lock_guard lock(mutex_);
  std::erase_if(sinks_, [](const auto& one) { return one.second.expired(); });
  sinks_[name] = made;
  return made;
}

std::vector<stages::seen> stages::look(std::int64_t now_ms) const {
  using kind = seen::kind;
  std::vector<seen> out;
  for (const auto& [name, one] : vital())
    out.push_back({name, one->look(now_ms), kind::vital});
  out.push_back({"janitor", janitor.look(now_ms), kind::upkeep});
  const std::lock_guard lock(mutex_);
  for (const auto& [name, held] : sinks_)
    if (const auto one = held.lock())
      out.push_back({name, one->look(now_ms), kind::sink});
  return out;
}

std::string stages::trouble(std::int64_t now_ms) const {
  std::string worst;
  stage::standing of_worst;
  for (const auto& [name, one] : vital())
    if (auto is = one->look(now_ms); is.stuck_ms > of_worst.stuck_ms) {
      worst = name;
      of_worst = std::move(is);
    }
  if (of_worst.stuck_ms < patience_ms)
    return {};
  return fmt::format("the {} has stood still for {}: {}", worst,
                     describe_duration(of_worst.stuck_ms / 1'000 * 1'000), of_worst.why);
}

void expose_stages(metric_registry& registry, std::shared_ptr<const stages> parts,
                   std::int64_t (*now_ms)()) {
  const auto seconds = [](std::int64_t ms) { return static_cast<double>(ms) / 1000; };
  registry.add_callback(metric_type::gauge, "tocsin_tick_lag_seconds",
                        "How long the oldest tick that is not committed has been due.",
                        [=] { return seconds(parts->lag.ms(now_ms())); });
  // One name stands for all sinks: theirs come and go.
  for (const std::string name :
       {"writer", "reader", "aggregator", "rules", "committer", "membership", "janitor", "sinks"})
    registry.add_callback(metric_type::gauge, "tocsin_stage_stuck_seconds",
                          "How long a part of the engine has stood still.",
                          [=] {
                            std::int64_t longest = 0;
                            for (const auto& each : parts->look(now_ms()))
                              if (each.name == name ||
                                  (name == "sinks" && each.is_a == stages::seen::kind::sink))
                                longest = std::max(longest, each.is.stuck_ms);
                            return seconds(longest);
                          },
                          {{"stage", name}});
}

} // namespace tocsin
