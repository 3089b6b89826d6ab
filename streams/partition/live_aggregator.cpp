#include "streams/partition/live_aggregator.hpp"

#include <algorithm>
#include <cassert>

namespace tocsin {

live_aggregator::live_aggregator(recovered_partition&& from, unsigned decoders)
    : engine_(std::move(from.engine)), position_(from.position), begin_(from.begin),
      log_clock_(from.floor_ms), applier_(decoders), skew_(engine_->in.grid()),
      repeated_(engine_->in.counts().values_repeated) {
  engine_->in.take_repeated(); // of long ago
}

void live_aggregator::offer(std::shared_ptr<const timed_batch> batch) {
  assert(wants_batch());
  log_clock_.note_time(batch->log.server_time_ms, batch->monotonic_ms,
                       std::max(batch->monotonic_ms, batch->answered_ms));
  batch_ = std::move(batch);
  next_entry_ = 0;
  applier_.begin(batch_->log.entries);
}

std::optional<seal_record> live_aggregator::advance() {
  if (!batch_)
    return std::nullopt;
  auto& clock = engine_->clock;
  for (; next_entry_ < batch_->log.entries.size(); ++next_entry_) {
    const auto& entry = batch_->log.entries[next_entry_];
    if (!arrived_ms_) {
      arrived_ms_ = log_clock_.at_entry(entry.id.ms);
      clock.arrive(*arrived_ms_);
      if (!engine_->in.begun()) {
        begin_ = to_position(entry.id);
        engine_->in.begin(*clock.next());
      }
    }
    if (clock.due(*arrived_ms_))
      return may_seal() ? seal(false) : std::nullopt;
    clock.enter(*arrived_ms_, read_entry_form(entry.form) == entry_form::heartbeat);
    apply(entry, *arrived_ms_);
    arrived_ms_.reset();
  }
  if (batch_->log.at_end) {
    log_clock_.note_end();
    const auto now = log_clock_.at_end();
    if (now && clock.due(*now) && clock.silent(*now))
      return may_seal() ? seal(true) : std::nullopt;
  }
  applier_.end();
  batch_.reset();
  return std::nullopt;
}

void live_aggregator::apply(const redis::log_entry& entry, std::int64_t log_ms) {
  applier_.apply(engine_->in, entry, [&](const sample_view& s, sample_fate fate) {
    skew_.note(s.host, fate, log_ms, s.ts_ms);
    if (fate != sample_fate::accepted)
      odd_.note(s.host, fate, log_ms, s.ts_ms);
  });
  if (engine_->in.counts().values_repeated != repeated_) {
    repeated_ = engine_->in.counts().values_repeated;
    odd_.note(engine_->in, engine_->in.take_repeated(), log_ms);
  }
  position_ = to_position(entry.id);
}

std::optional<seal_record> live_aggregator::seal(bool silent) {
  const auto decision = engine_->clock.seal(silent);
  checking_ = true;
  ++uncommitted_;
  return seal_tick(engine_->in, engine_->clock, decision, engine_->plan->checks_at(decision.sealed),
                   position_, begin_);
}

std::vector<rule_index> live_aggregator::unreported_rules() const {
  const auto& plan = engine_->plan->rules;
  std::vector<rule_index> out;
  for (field_index f = 0; f < plan.fields().size(); ++f) {
    bool reported = false;
    for (std::size_t b = 0; b < engine_->in.hosts().blocks() && !reported; ++b)
      reported = engine_->in.ring().find(f, b) != nullptr;
    for (rule_index r = 0; !reported && r < plan.rules().size(); ++r)
      if (plan.rules()[r].field == plan.fields()[f].name)
        out.push_back(r);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<std::int64_t> live_aggregator::due_in_ms(std::int64_t monotonic_ms) const {
  const auto next = engine_->clock.next();
  if (!next)
    return std::nullopt;
  return std::max<std::int64_t>(0, engine_->in.grid().seal_ms(*next) -
                                       log_clock_.expected(monotonic_ms));
}

std::int64_t live_aggregator::lag_ms(std::int64_t monotonic_ms) const {
  const auto next = engine_->clock.next();
  if (!next || !log_clock_.running())
    return 0;
  return std::max<std::int64_t>(0, log_clock_.expected(monotonic_ms) -
                                       engine_->in.grid().seal_ms(*next));
}

} // namespace tocsin
