#pragma once

#include "actors/api/explain.hpp"
#include "actors/api/explanation.hpp"

#include <optional>

namespace tocsin {

/// Explains a check from the engine's windows, and lists those around it as far as memory reaches;
/// passes the question on to the log where the windows do not reach, or no longer hold what the
/// check saw.
class explain_windows final : public engine_question {
public:
  explain_windows(explain_question what, const api_context& ctx, http::responder owed)
      : what_(std::move(what)), ctx_(ctx), owed_(std::move(owed)) {}

  bool step(const live_aggregator& core) override;
  void answer() override;
  void refuse(const http::refusal& why) override;

private:
  enum class found : std::uint8_t { nothing_yet, no_rule, here, in_log };

  void find(const partition_engine&, const host_history&);
  void find_check(const partition_engine&);
  void read_windows(const partition_engine&, const host_history&, std::optional<host_index>);
  bool explain_some();
  bool may_be_of_other_rules() const;
  void note_nothing(const char* code, std::string words);

  explain_question what_;
  api_context ctx_;
  http::responder owed_;
  found where_ = found::nothing_yet;
  explanation said_;
  field_past past_;
  tick next_listed_ = 0;
};

} // namespace tocsin
