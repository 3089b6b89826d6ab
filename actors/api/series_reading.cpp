#include "actors/api/series_reading.hpp"

#include "config/json_text.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

// All fields in the history: then rows are as it has them; else in the order of the question.
bool series_reading::find_places() {
  kept_ = !q_.host;
  for (const auto& f : q_.fields)
    kept_ = kept_ && ctx_.history.place_of(f);
  for (std::size_t i = 0; i < q_.fields.size(); ++i)
    places_.push_back(kept_ ? *ctx_.history.place_of(q_.fields[i]) : i);
  return kept_;
}

void series_reading::begin(const tick_grid& grid, tick newest) {
  grid_ = grid;
  newest_ = newest;
  frame_ = series_frame::of(grid, q_.from_ms, q_.to_ms, q_.step_ms, newest);
  steps_.emplace(frame_, q_.fields.size());
  known_from_ = frame_.last + 1;
}

void series_reading::take(const rows& from, tick least, tick most) {
  for (const auto& row : from) {
    if (row.at < least || row.at > most)
      continue;
    for (std::size_t f = 0; f < places_.size(); ++f)
      if (row.places[places_[f]].count > 0)
        steps_->add(f, row.at, row.places[places_[f]]);
    if (row.blind)
      steps_->note_blind(row.at);
  }
}

// JSON: one cause, that of the first tick that is missing; null: no tick was sealed in that time.
const char* series_reading::why_incomplete() const {
  if (frame_.last < frame_.first)
    return "null";
  if (known_from_ <= frame_.first)
    return R"("length")";
  return stopped_      ? R"("time")"
         : of_all_     ? R"("beginning")"
         : other_grid_ ? R"("interval")"
                       : R"("log")";
}

http::response series_reading::answer() const {
  auto steps = *steps_;
  const bool any = frame_.last >= frame_.first;
  if (any)
    steps.know_from(known_from_, of_all_ && known_from_ <= frame_.last);
  const bool complete =
      any && steps.first() <= frame_.first && frame_.first <= grid_.of(q_.from_ms);
  const auto begins = any && known_from_ <= frame_.last
                          ? std::to_string(grid_.start_ms(std::max(known_from_, frame_.first)))
                          : "null";
  const auto* source = windows_ && log_ ? "both" : log_ ? "log" : "windows";
  return {.body = fmt::format(R"({{"host":{},{},"complete":{},"begins":{},"whyIncomplete":{},)"
                              R"("source":"{}","asOf":"{}"}})"
                              "\n",
                              q_.host ? quote_json(*q_.host) : "null", steps.json(q_.fields),
                              complete, begins, complete ? "null" : why_incomplete(), source,
                              iso_time(newest_ < 0 ? now_ms_ : grid_.end_ms(newest_)))};
}

std::optional<http::response> series_reading::from_memory() {
  if (!find_places())
    return std::nullopt;
  const auto there = ctx_.history.reach();
  if (there.last < there.first)
    return std::nullopt;
  begin(there.grid, there.last);
  const auto beginning = ctx_.history.begins();
  if (!is_fresh() || (there.first > frame_.first && !beginning))
    return std::nullopt;
  take(ctx_.history.rows(frame_.first, frame_.last), frame_.first, frame_.last);
  known_from_ = std::max(frame_.first, there.first);
  of_all_ = beginning && beginning->of_all;
  other_grid_ = beginning && beginning->other_grid;
  windows_ = true;
  return answer();
}

bool series_reading::take(const host_series& part) {
  grid_ = part.frame().grid;
  newest_ = part.newest();
  if (newest_ == tick_min || !is_fresh())
    return false;
  frame_ = part.frame();
  steps_ = part.steps();
  known_from_ = part.known_from();
  windows_ = known_from_ <= frame_.last || frame_.last < frame_.first;
  if (known_from_ <= frame_.first)
    return true;
  const auto beginning = ctx_.history.begins();
  if (!windows_ || !beginning || known_from_ > beginning->at || ctx_.history.reach().grid != grid_)
    return false;
  of_all_ = beginning->of_all;
  other_grid_ = beginning->other_grid;
  return true;
}

// What has not grown for long is another engine's to continue.
bool series_reading::is_fresh() const {
  return grid_.of(q_.to_ms - 1) <= newest_ ||
         now_ms_ - grid_.end_ms(newest_) < 2 * grid_.interval_ms + grid_.grace_ms + 1'000;
}

} // namespace tocsin
