#include "streams/partition/series_steps.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace tocsin {

series_frame series_frame::of(const tick_grid& grid, std::int64_t from_ms, std::int64_t to_ms,
                              std::int64_t step_ms, tick newest) {
  series_frame f{grid, grid.of(from_ms), std::min(grid.of(to_ms - 1), newest)};
  f.first = std::max(f.first, f.last + 1 - ticks_max);
  const auto ticks = f.last - f.first + 1;
  f.step_ticks = std::clamp<std::int64_t>(grid.ceil_ticks(step_ms), 1, ticks_max);
  // One step more than it takes: the first begins before `from`.
  f.step_ticks = std::max(f.step_ticks, (ticks + steps_max - 2) / (steps_max - 1));
  if (f.last >= f.first)
    f.first -= f.first % f.step_ticks;
  return f;
}

series_steps::series_steps(const series_frame& frame, std::size_t fields)
    : frame_(frame), first_(frame.first), totals_(fields * frame.steps()),
      blind_(frame.steps() * static_cast<std::size_t>(frame.step_ticks)) {}

void series_steps::add(std::size_t field, tick n, const value_total& what) {
  if (n >= frame_.first && n <= frame_.last)
    totals_[field * frame_.steps() +
            static_cast<std::size_t>((n - frame_.first) / frame_.step_ticks)]
        .add(what);
}

void series_steps::note_blind(tick n) {
  if (n >= frame_.first && n <= frame_.last)
    blind_[static_cast<std::size_t>(n - frame_.first)] = true;
}

void series_steps::know_from(tick n, bool nothing_before) {
  const auto step = frame_.step_ticks;
  const auto end = frame_.first + static_cast<tick>(frame_.steps()) * step;
  const auto whole = nothing_before ? n : n + step - 1;
  first_ = std::clamp(whole / step * step, frame_.first, end);
}

const value_total& series_steps::at(std::size_t field, std::size_t step) const {
  return totals_[field * frame_.steps() + step];
}

template <class Value>
std::string series_steps::array(std::size_t field, Value value_of) const {
  std::string out = "[";
  for (auto s = skipped(); s < frame_.steps(); ++s) {
    const auto& t = at(field, s);
    out += out.size() > 1 ? "," : "";
    // A sum may be beyond all numbers.
    const bool none = t.count == 0 || !std::isfinite(value_of(t));
    out += none ? "null" : write_number(value_of(t));
  }
  return out + "]";
}

std::string series_steps::blind_json() const {
  std::string out = "[";
  for (auto n = first_; n <= frame_.last; ++n) {
    const auto from = n;
    while (n <= frame_.last && blind_[static_cast<std::size_t>(n - frame_.first)])
      ++n;
    if (n > from)
      out += fmt::format("{}[{},{}]", out.size() > 1 ? "," : "", frame_.grid.start_ms(from),
                         frame_.grid.start_ms(n));
  }
  return out + "]";
}

std::string series_steps::json(const std::vector<std::string>& names) const {
  std::string time, series;
  for (auto s = skipped(); s < frame_.steps(); ++s)
    time += fmt::format("{}{}", time.empty() ? "" : ",",
                        frame_.grid.start_ms(frame_.first) +
                            static_cast<std::int64_t>(s) * frame_.step_ms());
  using total = const value_total&;
  for (std::size_t f = 0; f < names.size(); ++f)
    series += fmt::format(R"({}{{"field":{},"min":{},"max":{},"avg":{},"sum":{},"count":{}}})",
                          series.empty() ? "" : ",", quote_json(names[f]),
                          array(f, [](total t) { return t.min; }),
                          array(f, [](total t) { return t.max; }),
                          array(f, [](total t) { return t.sum / static_cast<double>(t.count); }),
                          array(f, [](total t) { return t.sum; }),
                          array(f, [](total t) { return static_cast<double>(t.count); }));
  const auto end = frame_.first + static_cast<tick>(frame_.steps()) * frame_.step_ticks;
  return fmt::format(
      R"("from":{},"to":{},"step":{},"interval":{},"time":[{}],"series":[{}],"blind":{})",
      frame_.grid.start_ms(first_), frame_.grid.start_ms(end), frame_.step_ms(),
      frame_.grid.interval_ms, time, series, blind_json());
}

} // namespace tocsin
