#pragma once

#include "actors/api/engine_desk.hpp"
#include "actors/api/series_reading.hpp"

#include <memory>

namespace tocsin {

/// A series of one host: from what the engine holds, and what was before that from the log. Where
/// this engine does not evaluate the log gives it all.
class series_windows final : public engine_question {
public:
  series_windows(series_question what, const api_context& ctx, http::responder owed);

  bool step(const live_aggregator& core) override;
  void answer() override;
  void refuse(const http::refusal& why) override;

private:
  series_question what_;
  api_context ctx_;
  http::responder owed_;
  host_series part_;
};

/// Has the desk read what is still missing, and answer.
void read_from_log(std::shared_ptr<series_reading> reading, const api_context& ctx,
                   http::responder owed);

} // namespace tocsin
