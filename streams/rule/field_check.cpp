#include "streams/rule/field_check.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace tocsin {

namespace {

struct alignas(64) nothing_column : host_column {
  nothing_column() { fill(std::numeric_limits<double>::quiet_NaN()); }
};
const nothing_column nothing;

bool holds(double value, comparison cmp, double threshold) {
  switch (cmp) {
  case comparison::ge:
    return value >= threshold;
  case comparison::le:
    return value <= threshold;
  case comparison::gt:
    return value > threshold;
  case comparison::lt:
    break;
  }
  return value < threshold;
}

std::vector<sliding_block::window_kind> kinds_of(const rule_plan::field& plan) {
  std::vector<sliding_block::window_kind> kinds;
  for (const auto& w : plan.windows)
    kinds.push_back({w.ticks, w.summed});
  return kinds;
}

// Calls visit(window, check) for every rule on an extremum.
template <class Visit>
void for_each_extremum(const rule_plan::field& plan, Visit visit) {
  for (const auto& w : plan.windows)
    for (const auto& column : w.columns)
      if (is_extremum(column.aggregate))
        for (const auto& check : column.checks)
          visit(w, check);
}

} // namespace

/// The columns of one window, compared rule by rule.
struct field_check::window_check {
  field_check& of;
  const field_block& block;
  const check_context& context;
  const double* newest_row;
  const sliding_window& window;
  bool whole;
  aggregation aggregate{};
  const double* column = nullptr;
  host_mask compared{}; // hosts whose value meets the threshold
  host_mask changes{};  // … whose verdict may change something

  void begin_column(aggregation);
  void find_odd_averages();
  void find_odd_counts();
  bool check_whole(const rule_check&, const host_mask& open);
  verdicts judge_gaps(const rule_check&);
  bool check_with_gaps(const rule_check&, const host_mask& open);
  verdicts find_verdicts(const rule_check&, const host_mask& open);
  void compare(const rule_check&);
  void compare_quotients(const rule_check&);
  void compare_odd_hosts(const rule_check&);
  const host_mask& count_down(const rule_check&);
  void note_changes(rule_index, const host_mask& open, std::vector<verdict_change>& out);
  double value_of(std::size_t host) const;
};

field_check::field_check(const rule_plan::field& plan, field_index f,
                         std::pmr::memory_resource* memory)
    : plan_(plan), field_(f), windows_(kinds_of(plan), plan.check_ticks, memory) {
  for (const auto ticks : plan.countdowns)
    countdowns_.emplace_back(ticks, memory);
}

void field_check::advance(const field_block& block, tick n, std::span<const ring_patch> patches) {
  const auto before = windows_.newest();
  if (!windows_.advance(block, field_, n, patches))
    return rebuild_countdowns(block, n);
  for (const auto& p : patches)
    patch_countdowns(p, before);
}

void field_check::patch_countdowns(const ring_patch& p, tick before) {
  if (p.field == ring_patch::every_field)
    for (auto& c : countdowns_)
      c.clear_host(p.host);
  if (p.field != field_)
    return;
  for_each_extremum(plan_, [&](const auto&, const rule_check& c) {
    if (holds(p.value, c.compare, c.threshold))
      countdowns_[c.countdown].late_hit(p.host, before - p.at);
  });
}

// Up to the tick before n, which check() lets go by.
void field_check::rebuild_countdowns(const field_block& block, tick n) {
  host_mask everybody, hits;
  everybody.fill(~std::uint64_t{0});
  for_each_extremum(plan_, [&](const rule_plan::window& w, const rule_check& c) {
    auto& countdown = countdowns_[c.countdown];
    countdown.reset();
    for (auto t = std::max<tick>(n - w.ticks + 1, 0); t < n; ++t) {
      hits = {};
      if (const auto* row = block.find(t))
        column_ops::compare(row, c.compare, c.threshold, hits);
      countdown.step(hits, everybody);
    }
  });
}

// Calls visit(checked window, rule, open incidents) for every rule, window by window.
template <class Visit>
void field_check::for_each_check(const field_block& block, const check_context& context,
                                 bool with_masks, Visit visit) {
  const auto* row = block.find(windows_.newest());
  for (std::size_t w = 0; w < plan_.windows.size(); ++w) {
    windows_.slide_sums(w, block);
    window_check c{
        *this, block, context, row ? row : nothing.data(), windows_.window(w), windows_.whole(w)};
    if (!c.whole || with_masks)
      windows_.masks(w, block, context.blind, context.scratch.masks);
    for (const auto& column : plan_.windows[w].columns) {
      c.begin_column(column.aggregate);
      for (const auto& check : column.checks) {
        context.open.prefetch(check.rule, context.block);
        visit(c, check, context.open.at(check.rule, context.block));
      }
    }
  }
}

void field_check::check(const field_block& block, const check_context& context,
                        std::vector<verdict_change>& out) {
  for_each_check(block, context, false,
                 [&](window_check& c, const rule_check& check, const host_mask& open) {
                   if (c.whole ? c.check_whole(check, open) : c.check_with_gaps(check, open))
                     c.note_changes(check.rule, open, out);
                 });
}

void field_check::survey(const field_block& block, const check_context& context,
                         verdict_visitor& visitor) {
  for_each_check(block, context, true,
                 [&](window_check& c, const rule_check& check, const host_mask& open) {
                   visitor.begin();
                   const auto found = c.find_verdicts(check, open);
                   visitor.end();
                   visitor.visit({check.rule, found, windows_, c.window, context.scratch.masks});
                 });
}

void field_check::window_check::begin_column(aggregation a) {
  aggregate = a;
  context.scratch.odd.clear();
  column = newest_row;
  if (a == aggregation::last)
    column = of.windows_.newest_values(block, context.scratch.newest);
  else if (a == aggregation::sum || a == aggregation::avg)
    column = window.sums.sums();
  if (a == aggregation::avg)
    find_odd_averages();
  else if (a == aggregation::count && !whole)
    find_odd_counts();
}

// Hosts whose average the bound for a full window does not judge: fewer values, or a sum that no
// pair holds.
void field_check::window_check::find_odd_averages() {
  const auto& started = of.windows_.started();
  for (std::size_t i = 0; i < block_words; ++i) {
    const auto uncommon = ~window.full[i] | window.sums.inexact()[i];
    for (auto rest = started[i] & window.any_value[i] & uncommon; rest != 0; rest &= rest - 1) {
      const auto h = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      context.scratch.odd.push_back({h, value_of(h)});
    }
  }
}

void field_check::window_check::find_odd_counts() {
  const auto& started = of.windows_.started();
  for (std::size_t i = 0; i < block_words; ++i)
    for (auto rest = started[i] & ~window.full[i]; rest != 0; rest &= rest - 1) {
      const auto h = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      context.scratch.odd.push_back({h, static_cast<double>(window.counts[h])});
    }
}

// The common way: every host has all its values, and one pass finds what differs from the open
// incidents.
bool field_check::window_check::check_whole(const rule_check& c, const host_mask& open) {
  const column_ops::difference differs{open, of.windows_.started(), c.inverted ? ~0ull : 0,
                                       changes};
  switch (aggregate) {
  case aggregation::last:
  case aggregation::sum:
    return column_ops::compare(column, c.compare, c.threshold, differs);
  case aggregation::avg:
    if (c.bound && context.scratch.odd.empty())
      return column_ops::compare_pairs(column, window.sums.rests(), c.compare == comparison::ge,
                                       c.bound->hi, c.bound->lo, differs);
    break;
  case aggregation::min:
  case aggregation::max:
    return column_ops::differ(count_down(c), differs);
  case aggregation::count:
    break;
  }
  compare(c);
  return column_ops::differ(compared, differs);
}

verdicts field_check::window_check::judge_gaps(const rule_check& c) {
  compare(c);
  return judge(context.rules[c.rule], compared, context.scratch.masks);
}

// The same way as a check; where no host lacks a value, what differs from the open incidents tells
// the verdicts.
verdicts field_check::window_check::find_verdicts(const rule_check& c, const host_mask& open) {
  if (!whole)
    return judge_gaps(c);
  check_whole(c, open);
  verdicts v;
  const auto& started = of.windows_.started();
  for (std::size_t i = 0; i < block_words; ++i) {
    v.breach[i] = (changes[i] ^ open[i]) & started[i];
    v.clear[i] = ~v.breach[i] & started[i];
  }
  return v;
}

bool field_check::window_check::check_with_gaps(const rule_check& c, const host_mask& open) {
  const auto v = judge_gaps(c);
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < block_words; ++i) {
    changes[i] = (v.breach[i] & ~open[i]) | (v.clear[i] & open[i]);
    any |= changes[i];
  }
  return any != 0;
}

const host_mask& field_check::window_check::count_down(const rule_check& c) {
  auto& countdown = of.countdowns_[c.countdown];
  column_ops::compare(column, c.compare, c.threshold, compared);
  countdown.step(compared, of.windows_.started());
  return countdown.alive();
}

void field_check::window_check::compare(const rule_check& c) {
  switch (aggregate) {
  case aggregation::last:
  case aggregation::sum:
    column_ops::compare(column, c.compare, c.threshold, compared);
    break;
  case aggregation::avg:
    if (c.bound)
      column_ops::compare_pairs(column, window.sums.rests(), c.compare == comparison::ge,
                                c.bound->hi, c.bound->lo, compared);
    else
      compare_quotients(c);
    break;
  case aggregation::count:
    compared.fill(holds(static_cast<double>(window.ticks), c.compare, c.threshold) ? ~0ull : 0);
    break;
  case aggregation::min:
  case aggregation::max: {
    const auto& alive = count_down(c);
    for (std::size_t i = 0; i < block_words; ++i)
      compared[i] = c.inverted ? ~alive[i] : alive[i];
    break;
  }
  }
  compare_odd_hosts(c);
}

void field_check::window_check::compare_quotients(const rule_check& c) {
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const bool any = window.any_value[h / 64] & bit_of(h);
    const bool met = any && holds(value_of(h), c.compare, c.threshold);
    compared[h / 64] = (compared[h / 64] & ~bit_of(h)) | (met ? bit_of(h) : 0);
  }
}

void field_check::window_check::compare_odd_hosts(const rule_check& c) {
  for (const auto& [host, value] : context.scratch.odd) {
    auto& word = compared[host / 64];
    word = holds(value, c.compare, c.threshold) ? word | bit_of(host) : word & ~bit_of(host);
  }
}

// A pair without an open incident changes to breach, one with it to clear.
void field_check::window_check::note_changes(rule_index r, const host_mask& open,
                                             std::vector<verdict_change>& out) {
  for (std::size_t i = 0; i < block_words; ++i)
    for (auto rest = changes[i]; rest != 0; rest &= rest - 1) {
      const auto h = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      const auto bit = bit_of(h);
      const bool any = (window.any_value[i] & bit) != 0;
      verdict_change change;
      change.value = any ? value_of(h) : 0.0;
      change.rule = r;
      change.host = static_cast<host_index>(context.block * block_hosts + h) & host_index_max;
      change.breach = (open[i] & bit) == 0;
      change.any_value = any;
      out.push_back(change);
    }
}

double field_check::window_check::value_of(std::size_t host) const {
  const auto newest = of.windows_.newest();
  switch (aggregate) {
  case aggregation::avg:
    return window.sums.average(block, newest, host, window.counts[host]);
  case aggregation::sum:
    return window.sums.sum(host);
  case aggregation::min:
    return block.extremum(host, newest, window.ticks, false);
  case aggregation::max:
    return block.extremum(host, newest, window.ticks, true);
  case aggregation::last:
    return column[host];
  case aggregation::count:
    break;
  }
  return window.counts[host];
}

} // namespace tocsin
