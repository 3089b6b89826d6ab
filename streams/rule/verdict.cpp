#include "streams/rule/verdict.hpp"

namespace tocsin {

namespace {

using word = std::uint64_t;

// All that is known of 64 hosts of a window, as words.
struct window_word {
  word compared;            // value against threshold
  word any_value;           // a value stands in the window
  word recent_value;        // a value stands at one of the ticks since the check before
  word missing;             // a tick is missing
  word missing_first;       // … before the host's first tick with the field
  word missing_after_value; // … after the newest value
  word missing_half;        // more than half of the ticks are missing
};

struct verdict_word {
  word breach;
  word clear;
};

// Hosts with missing ticks: only what no missing value could change counts.
verdict_word judge_missing(const rule& r, const window_word& w) {
  const bool more = r.wants_more();
  verdict_word v{w.compared, ~w.compared};
  switch (r.aggregate) {
  case aggregation::sum:
  case aggregation::count:
  case aggregation::max:
    (more ? v.clear : v.breach) = 0;
    break;
  case aggregation::min:
    (more ? v.breach : v.clear) = 0;
    break;
  case aggregation::last:
    v.breach &= ~w.missing_after_value;
    v.clear &= ~w.missing_after_value;
    break;
  case aggregation::avg:
    v.breach &= ~(w.missing_first | w.missing_half);
    v.clear &= ~(w.missing_first | w.missing_half);
    break;
  }
  return {v.breach & w.any_value, v.clear & w.any_value};
}

// Hosts without missing ticks: silence is no recovery, unless the rule says so.
verdict_word judge_whole(const rule& r, const window_word& w) {
  const bool more = r.wants_more();
  const bool adds = r.adds();
  if (adds && !more)
    return {w.compared, ~w.compared};
  verdict_word v{w.compared & w.any_value, ~w.compared & w.any_value};
  if (r.on_no_data == no_data::resolve)
    v.clear |= ~w.any_value;
  else if (adds)
    v.clear &= w.recent_value;
  return v;
}

} // namespace

verdicts judge(const rule& r, const host_mask& compared, const window_masks& window) {
  verdicts out;
  for (std::size_t i = 0; i < block_words; ++i) {
    const window_word w{compared[i],
                        window.any_value[i],
                        window.recent_value[i],
                        r.partial ? 0 : window.missing[i],
                        window.missing_before_first[i],
                        window.missing_after_value[i],
                        window.missing_more_than_half[i]};
    const auto whole = judge_whole(r, w);
    auto v = whole;
    if (w.missing) {
      const auto gaps = judge_missing(r, w);
      v.breach = (whole.breach & ~w.missing) | (gaps.breach & w.missing);
      v.clear = (whole.clear & ~w.missing) | (gaps.clear & w.missing);
    }
    out.breach[i] = v.breach & window.started[i];
    out.clear[i] = v.clear & window.started[i];
  }
  return out;
}

} // namespace tocsin
