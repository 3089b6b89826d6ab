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

// The part-th piece of a list cut into pieces of per_part; the last piece takes what is left.
template <class T>
std::span<const T> slice(const std::vector<T>& all, std::size_t part, std::size_t per_part) {
  const auto begin = std::min(all.size(), part * per_part);
  const auto end = std::min(all.size(), begin + per_part);
  return std::span(all).subspan(begin, end - begin);
}

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

std::vector<redis::commit_part> commit_builder::build(const seal_record& s, const tick_outcome& o) {
  return build_from(s, o, 0);
}

std::vector<redis::commit_part> commit_builder::build_rest(const seal_record& s,
                                                           const tick_outcome& o) {
  return build_from(s, o, read_part(mark_->part).k);
}

void commit_builder::add_event(redis::commit_part& part, const incident_event& e,
                               std::int64_t end_ms) {
  const auto seq = last_event_.seq + 1;
  last_event_ = {static_cast<std::uint64_t>(end_ms), seq};
  redis::stream_entry entry{last_event_, {}};
  const auto fields = event_fields(e, seq);
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    entry.fields.push_back({fields[i], fields[i + 1]});
  part.events.push_back(std::move(entry));
  if (e.opened)
    part.open.set.push_back({e.id, open_incident_json(e)});
  else
    part.open.remove.push_back(e.id);
  if (e.cooldown_until_ms > 0)
    part.cooldowns.set.push_back(
        {cooldown_field(e.about.name, e.host), std::to_string(e.cooldown_until_ms)});
}

std::vector<redis::commit_part>
commit_builder::build_from(const seal_record& s, const tick_outcome& o, std::size_t parts_done) {
  const auto events_max = redis::commit_part::events_max;
  const auto parts = std::max({std::size_t{1}, parts_for(o.events.size(), events_max),
                               parts_for(o.cooled.size(), changes_max),
                               parts_for(s.hosts.set.size(), changes_max)});
  const auto end_ms = grid_.end_ms(s.sealed);
  std::vector<redis::commit_part> out;
  for (std::size_t i = 0; i < parts; ++i) {
    redis::commit_part part;
    part.owner = owner_;
    part.expected = mark_;
    if (i == 0 && parts_done == 0)
      part.row = row_of(s, grid_, rules_hash_);
    for (const auto& c : slice(o.cooled, i, changes_max))
      part.cooldowns.remove.push_back(cooldown_field(c.rule, c.host));
    for (const auto& e : slice(o.events, i, events_max))
      add_event(part, e, end_ms);
    for (const auto& h : slice(s.hosts.set, i, changes_max))
      part.hosts.set.push_back(h);
    if (i + 1 == parts)
      part.hosts.remove = s.hosts.remove;
    part.next = {std::to_string(end_ms),
                 fmt::format("{}/{}", parts_done + i + 1, parts_done + parts),
                 to_id(s.position).text(), rules_hash_, last_event_.text()};
    mark_ = part.next;
    out.push_back(std::move(part));
  }
  return out;
}

} // namespace tocsin
