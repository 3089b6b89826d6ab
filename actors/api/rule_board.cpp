#include "actors/api/rule_board.hpp"

#include "actors/api/rules.hpp"

namespace tocsin {

namespace {

constexpr std::size_t texts_per_step = 200;

} // namespace

void rule_board::write_some(const rule_set& rules) {
  for (std::size_t i = 0; i < texts_per_step && texts_.size() < rules.size(); ++i)
    texts_.push_back(rule_json(rules[texts_.size()]));
}

std::shared_ptr<const rule_standings> rule_board::step(const partition_engine& engine) {
  const std::lock_guard lock(mutex_);
  const auto& rules = engine.plan->rules;
  const auto sealed = engine.in.ring().sealed();
  if (written_ != engine.plan) {
    written_ = engine.plan;
    texts_.clear();
    hash_ = hash_of(rules.rules());
    pass_.reset();
  }
  if (texts_.size() < rules.rules().size()) {
    write_some(rules.rules());
    return nullptr;
  }
  if (last_ && plan_ == engine.plan && at_ == sealed)
    return last_;
  if (!pass_)
    pass_ = std::make_unique<pass>(pass{engine.plan, sealed, {rules, now_ns_}});
  if (!pass_->survey.step(rules, engine.in.ring(), engine.in.history(), engine.incidents,
                          engine.in.hosts().blocks()))
    return nullptr;
  rule_standings now{texts_, pass_->survey.tallies(), hash_,
                     sealed < 0 ? -1 : engine.plan->grid.end_ms(pass_->at)};
  plan_ = engine.plan;
  at_ = pass_->at;
  pass_.reset();
  return last_ = std::make_shared<const rule_standings>(std::move(now));
}

} // namespace tocsin
