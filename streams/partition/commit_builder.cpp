#include "streams/partition/commit_builder.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t changes_max = 2'000;

std::size_t parts_for(std::size_t items, std::size_t per_part) {
  return (items + per_part - 1) / per_part;
}

// The part-th piece of `size` items cut into pieces of per_part.
struct piece {
  piece(std::size_t size, std::size_t part, std::size_t per_part)
      : begin(std::min(size, part * per_part)), end(std::min(size, begin + per_part)) {}
  std::size_t begin, end;
};

redis::tick_row row_of(const seal_record& s, const tick_grid& grid, const std::string& rules) {
  redis::tick_row row;
  row.end_ms = grid.end_ms(s.sealed);
  row.log_id = to_id(s.position).text();
  row.blind = s.blind;
  row.non_blind = s.non_blind;
  row.rules = rules;
  row.extra = {{"begin", to_id(s.begin).text()},
               {"hb", s.heartbeat_seen ? "1" : "0"},
               {"interval", std::to_string(grid.interval_ms)},
               {"grace", std::to_string(grid.grace_ms)}};
  return row;
}

} // namespace

part_of read_part(const std::string& text) {
  part_of p;
  const auto* end = text.data() + text.size();
  const auto k = std::from_chars(text.data(), end, p.k);
  if (k.ec != std::errc{} || k.ptr == end || *k.ptr != '/' ||
      std::from_chars(k.ptr + 1, end, p.m).ptr != end)
    return {};
  return p;
}

std::string cooldown_field(std::string_view rule, std::string_view host) {
  return fmt::format("[{},{}]", quote_json(rule), quote_json(host));
}

commit_builder::commit_builder(std::string owner, std::string rules_hash,
                               std::optional<redis::progress_mark> committed, tick_grid grid)
    : owner_(std::move(owner)), rules_hash_(std::move(rules_hash)), mark_(std::move(committed)),
      grid_(grid) {
  if (mark_)
    last_event_ = redis::stream_id::parse(mark_->last_event_id).value_or(redis::stream_id{});
}

void commit_builder::begin(std::shared_ptr<const seal_record> s, tick_outcome o) {
  begin_from(std::move(s), std::move(o), 0);
}

void commit_builder::begin_rest(std::shared_ptr<const seal_record> s, tick_outcome o) {
  begin_from(std::move(s), std::move(o), read_part(mark_->part).k);
}

void commit_builder::begin_from(std::shared_ptr<const seal_record> s, tick_outcome o,
                                std::size_t parts_done) {
  seal_ = std::move(s);
  outcome_ = std::move(o);
  outcome_.order();
  writer_.begin_tick(outcome_.cluster());
  parts_done_ = parts_done;
  part_ = 0;
  parts_ = std::max({std::size_t{1}, parts_for(outcome_.size(), redis::commit_part::events_max),
                     parts_for(outcome_.cooled_count(), changes_max),
                     parts_for(seal_->hosts.set.size(), changes_max)});
}

redis::commit_part commit_builder::next() {
  redis::commit_part part;
  part.owner = owner_;
  part.expected = mark_;
  if (part_ == 0 && parts_done_ == 0)
    part.row = row_of(*seal_, grid_, rules_hash_);
  add_events(part);
  add_host_changes(part);
  ++part_;
  part.next = {std::to_string(grid_.end_ms(seal_->sealed)),
               fmt::format("{}/{}", parts_done_ + part_, parts_done_ + parts_),
               to_id(seal_->position).text(), rules_hash_, last_event_.text()};
  mark_ = part.next;
  if (part_ == parts_) { // what a tick holds is not kept until the next one
    outcome_ = {};
    seal_.reset();
  }
  return part;
}

void commit_builder::add_events(redis::commit_part& part) {
  const piece cooled(outcome_.cooled_count(), part_, changes_max);
  for (auto i = cooled.begin; i < cooled.end; ++i) {
    const auto [rule, host] = outcome_.cooled(i);
    part.cooldowns.remove.push_back(cooldown_field(rule, host));
  }
  const piece events(outcome_.size(), part_, redis::commit_part::events_max);
  for (auto i = events.begin; i < events.end; ++i)
    add_event(part, outcome_.at(i));
}

void commit_builder::add_event(redis::commit_part& part, const event_view& e) {
  const auto seq = last_event_.seq + 1;
  last_event_ = {static_cast<std::uint64_t>(grid_.end_ms(seal_->sealed)), seq};
  writer_.take(e, seq);
  part.events.add(last_event_, writer_.fields());
  if (e.opened)
    part.open.set.emplace_back(writer_.id(), writer_.open_json());
  else
    part.open.remove.emplace_back(writer_.id());
  if (e.cooldown_until_ms > 0)
    part.cooldowns.set.emplace_back(cooldown_field(e.about->name, e.host),
                                    std::to_string(e.cooldown_until_ms));
}

void commit_builder::add_host_changes(redis::commit_part& part) const {
  const auto& all = seal_->hosts;
  const piece hosts(all.set.size(), part_, changes_max);
  part.hosts.set.assign(all.set.begin() + static_cast<std::ptrdiff_t>(hosts.begin),
                        all.set.begin() + static_cast<std::ptrdiff_t>(hosts.end));
  if (part_ + 1 == parts_)
    part.hosts.remove = all.remove;
}

std::vector<redis::commit_part> commit_builder::build(const seal_record& s, tick_outcome o) {
  begin(std::make_shared<seal_record>(s), std::move(o));
  std::vector<redis::commit_part> out;
  while (parts_left() > 0)
    out.push_back(next());
  return out;
}

} // namespace tocsin
