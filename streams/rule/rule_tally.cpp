#include "streams/rule/rule_tally.hpp"

namespace tocsin {

namespace {

std::uint64_t count(const host_mask& mask) {
  std::uint64_t n = 0;
  for (const auto word : mask)
    n += count_bits(word);
  return n;
}

// Blind ticks of a window, newest first, as masks of the hosts that have no value in any of them.
struct blind_memory {
  tick at = tick_min - 1;
  std::int64_t ticks = 0;
  host_mask absent{};
};

class tally_visitor final : public verdict_visitor {
public:
  tally_visitor(const rule_set& rules, std::span<const tick> blind,
                const std::function<std::int64_t()>& now_ns, std::vector<rule_tally>& out)
      : rules_(rules), blind_(blind), now_ns_(now_ns), out_(out) {}

  void begin() override { began_ns_ = now_ns_(); }
  void end() override { took_ns_ = now_ns_() - began_ns_; }
  void visit(const rule_verdicts& v) override {
    auto& t = out_[v.rule];
    t.cost_ns += took_ns_;
    t.hosts += count(v.masks.started);
    t.breach += count(v.found.breach);
    t.clear += count(v.found.clear);
    const auto& r = rules_[v.rule];
    std::uint64_t any = 0;
    host_mask unknown;
    for (std::size_t i = 0; i < block_words; ++i)
      any |= unknown[i] = v.masks.started[i] & ~v.found.breach[i] & ~v.found.clear[i];
    if (any != 0)
      blame(r, v, unknown, t);
  }

private:
  // As explain_check() blames, host by host.
  void blame(const rule& r, const rule_verdicts& v, const host_mask& unknown, rule_tally& t) {
    const auto n = v.windows.newest();
    find_absent(v.windows, n, v.window.ticks);
    const bool newest_blind = !blind_.empty() && blind_.front() == n;
    for (std::size_t i = 0; i < block_words; ++i) {
      const auto missing = r.partial ? 0 : unknown[i] & v.masks.missing[i];
      const auto valued = v.masks.any_value[i];
      const bool last = r.aggregate == aggregation::last;
      const auto young = missing & v.masks.missing_before_first[i] & (last ? ~valued : ~0ull);
      const auto edge = newest_blind ? 0 : v.masks.slipped[i];
      auto slipped = missing & ~young & edge;
      if (r.aggregate == aggregation::avg)
        slipped &= ~valued; // more than half is missing: blind ticks, too
      slipped &= ~absent_.absent[i] | (last ? valued : 0);
      t.before_first += count_bits(young);
      t.slipped += count_bits(slipped);
      t.blind += count_bits(missing & ~young & ~slipped);
      t.no_value += count_bits(unknown[i] & ~missing & ~valued);
      t.silent += count_bits(unknown[i] & ~missing & valued);
    }
  }

  // Hosts without a value in some blind tick of the window.
  void find_absent(const sliding_block& windows, tick n, std::int64_t ticks) {
    if (absent_.at == n && absent_.ticks == ticks)
      return;
    absent_ = {n, ticks, {}};
    for (const auto b : blind_)
      if (b > n - ticks)
        for (std::size_t i = 0; i < block_words; ++i)
          absent_.absent[i] |= ~windows.present(b)[i];
  }

  const rule_set& rules_;
  std::span<const tick> blind_;
  const std::function<std::int64_t()>& now_ns_;
  std::vector<rule_tally>& out_;
  std::int64_t began_ns_ = 0, took_ns_ = 0;
  blind_memory absent_;
};

// What it costs to build a window again, in rows of the ring; a countdown takes a bit per value.
std::int64_t rows_of(const rule_plan::window& w) {
  std::int64_t countdowns = 0;
  for (const auto& column : w.columns)
    if (is_extremum(column.aggregate))
      countdowns += static_cast<std::int64_t>(column.checks.size());
  return w.ticks * (1 + w.summed + countdowns / 4);
}
constexpr std::int64_t rows_per_piece = 300;

// The windows from `next` on that make up a piece, as a field of their own.
rule_plan::field part_of(const rule_plan::field& f, std::size_t& next) {
  rule_plan::field part{f.name, {}, {}, f.check_ticks};
  std::int64_t rows = 0;
  do {
    rows += rows_of(f.windows[next]);
    part.windows.push_back(f.windows[next]);
    for (auto& column : part.windows.back().columns)
      for (auto& check : column.checks)
        if (is_extremum(column.aggregate)) {
          check.countdown = static_cast<std::uint32_t>(part.countdowns.size());
          part.countdowns.push_back(part.windows.back().ticks);
        }
  } while (++next < f.windows.size() && rows < rows_per_piece);
  return part;
}

} // namespace

rule_survey::rule_survey(const rule_plan& plan, std::function<std::int64_t()> now_ns)
    : now_ns_(std::move(now_ns)), tallies_(plan.rules().size()) {}

bool rule_survey::step(const rule_plan& plan, const tick_ring& ring, const tick_history& history,
                       const life_cycle& incidents, std::size_t blocks) {
  if (ring.sealed() < 0 || plan.fields().empty())
    return true;
  if (block_ >= blocks)
    return true;
  const auto& f = plan.fields()[field_];
  survey_part(part_of(f, window_), plan, ring, history, incidents);
  if (window_ < f.windows.size())
    return false;
  window_ = 0;
  if (++field_ < plan.fields().size())
    return false;
  field_ = 0;
  return ++block_ >= blocks;
}

void rule_survey::survey_part(const rule_plan::field& part, const rule_plan& plan,
                              const tick_ring& ring, const tick_history& history,
                              const life_cycle& incidents) {
  for (const auto& w : part.windows)
    for (const auto& column : w.columns)
      for (const auto& check : column.checks) {
        auto& t = tallies_[check.rule];
        t.open += count(incidents.open().at(check.rule, block_));
        t.cooling += count(incidents.cooling().at(check.rule, block_));
      }
  const auto* values = ring.find(field_, block_);
  if (values == nullptr)
    return;
  const auto n = ring.sealed();
  std::vector<tick> blind;
  for (std::int64_t i = 0; i < part.windows.back().ticks; ++i)
    if (history.blind(n - i))
      blind.push_back(n - i);
  field_check check(part, field_, std::pmr::new_delete_resource());
  check.advance(*values, n, {});
  tally_visitor visitor(plan.rules(), blind, now_ns_, tallies_);
  check.survey(*values, {plan.rules(), incidents.open(), block_, blind, scratch_}, visitor);
}

} // namespace tocsin
