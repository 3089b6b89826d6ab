#include "actors/api/series_windows.hpp"

namespace tocsin {

namespace {

// So many values of each kind are written in well below a millisecond; more of them elsewhere.
constexpr std::size_t values_here_max = 512;

} // namespace

series_windows::series_windows(series_question what, const api_context& ctx, http::responder owed)
    : what_(std::move(what)), ctx_(ctx), owed_(std::move(owed)),
      part_({*what_.host, what_.fields, what_.from_ms, what_.to_ms, what_.step_ms}) {}

bool series_windows::step(const live_aggregator& core) {
  return part_.step(core.engine().in, core.past(), ctx_.history);
}

void series_windows::answer() {
  const auto reading = std::make_shared<series_reading>(ctx_, std::move(what_));
  if (!reading->take(part_))
    return read_from_log(reading, ctx_, std::move(owed_));
  if (reading->size() <= values_here_max)
    return owed_.send(reading->answer());
  ctx_.desk->ask([reading](auto&, auto&) { return reading->answer(); }, std::move(owed_),
                 ctx_.monotonic_ms());
}

void series_windows::refuse(const http::refusal& why) {
  if (why.code == "busy")
    return owed_.send(not_now(why.code.c_str(), why.message));
  read_from_log(std::make_shared<series_reading>(ctx_, std::move(what_)), ctx_, std::move(owed_));
}

void read_from_log(std::shared_ptr<series_reading> reading, const api_context& ctx,
                   http::responder owed) {
  ctx.desk->ask([reading](auto& c, auto& go_on) { return reading->read(c, go_on); },
                std::move(owed), ctx.monotonic_ms());
}

} // namespace tocsin
