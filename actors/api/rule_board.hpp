#pragma once

#include "streams/partition/live_aggregator.hpp"
#include "streams/rule/rule_tally.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tocsin {

/// How all rules stood at a tick, as it is answered.
struct rule_standings {
  std::vector<std::string> rules;  ///< as JSON, by rule
  std::vector<rule_tally> tallies; ///< by rule
  std::string hash;                ///< of the rule set
  std::int64_t as_of_ms = 0;
};

/// Surveys the rules for whoever asks, at most once per tick, and keeps the last result. Whoever
/// asks while a survey is under way shares it.
class rule_board {
public:
  explicit rule_board(std::function<std::int64_t()> now_ns) : now_ns_(std::move(now_ns)) {}

  /// Does the next piece of the survey, in which no rule may be checked. The standings once they
  /// are whole.
  std::shared_ptr<const rule_standings> step(const partition_engine&);

private:
  struct pass {
    std::shared_ptr<const partition_plan> plan;
    tick at;
    rule_survey survey;
  };
  void write_some(const rule_set&);

  std::function<std::int64_t()> now_ns_;
  std::mutex mutex_; // a new engine's aggregator may come before the old one's last step is done
  std::shared_ptr<const partition_plan> written_; // whose rules are in texts_
  std::vector<std::string> texts_;
  std::string hash_;
  std::unique_ptr<pass> pass_; // under way
  std::shared_ptr<const partition_plan> plan_;
  std::shared_ptr<const rule_standings> last_; // of plan_
  tick at_ = tick_min;
};

} // namespace tocsin
