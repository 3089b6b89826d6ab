#include "streams/partition/cluster_history.hpp"

#include <algorithm>

namespace tocsin {

namespace {

// A tenth more than is promised: the first step of a chart begins before the time asked for.
std::size_t ticks_kept(const tick_grid& grid) {
  using history = cluster_history;
  const auto ticks = std::max(history::span_ms / grid.interval_ms, history::ticks_min);
  return static_cast<std::size_t>(std::min(ticks * 11 / 10, history::ticks_max));
}

} // namespace

cluster_history::cluster_history()
    : fields_{"cpu.usage",
              "mem.usage",
              "mem.free",
              "requests.count",
              "requests.latency_avg",
              "requests.latency_sum",
              "eventsIn.count",
              "eventsOut.count",
              "warnings.count",
              "errors.count",
              "criticals.count",
              "uptime"} {}

void cluster_history::begin(const tick_grid& grid) {
  grid_ = grid;
  rows_.clear();
  beginning_.reset();
  rows_.set_capacity(ticks_kept(grid));
}

std::optional<std::size_t> cluster_history::place_under_lock(std::string_view field) const {
  const auto at = std::find(fields_.begin(), fields_.end(), field);
  return at == fields_.end() ? std::nullopt
                             : std::optional(static_cast<std::size_t>(at - fields_.begin()));
}

std::optional<std::size_t> cluster_history::place_of(std::string_view field) const {
  const std::lock_guard lock(mutex_);
  return place_under_lock(field);
}

std::vector<std::string> cluster_history::fields() const {
  const std::lock_guard lock(mutex_);
  return fields_;
}

std::vector<std::optional<std::size_t>> cluster_history::places(const field_table& table) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<std::size_t>> out;
  for (field_index f = 0; f < table.size(); ++f) {
    if (!table.known(f)) {
      out.emplace_back();
      continue;
    }
    if (!place_under_lock(table.name(f)) && fields_.size() < fields_max)
      fields_.push_back(table.name(f));
    out.push_back(place_under_lock(table.name(f)));
  }
  return out;
}

std::optional<cluster_history::newest_tick> cluster_history::last() const {
  const std::lock_guard lock(mutex_);
  if (rows_.empty())
    return std::nullopt;
  const auto& row = rows_.back();
  newest_tick out{row.at, grid_, row.blind, {}};
  for (std::size_t p = 0; p < fields_.size(); ++p)
    if (row.places[p].count > 0)
      out.fields.push_back({fields_[p], row.places[p]});
  return out;
}

cluster_history::extent cluster_history::reach() const {
  const std::lock_guard lock(mutex_);
  if (rows_.empty())
    return {0, -1, grid_, 0};
  return {rows_.front().at, rows_.back().at, grid_, static_cast<std::int64_t>(rows_.capacity())};
}

std::vector<cluster_history::row> cluster_history::rows(tick from, tick to) const {
  const std::lock_guard lock(mutex_);
  if (rows_.empty())
    return {};
  const auto first = rows_.front().at;
  const auto begin = std::clamp<tick>(from - first, 0, static_cast<tick>(rows_.size()));
  const auto end = std::clamp<tick>(to - first + 1, begin, static_cast<tick>(rows_.size()));
  return {rows_.begin() + begin, rows_.begin() + end};
}

std::vector<tick> cluster_history::blind_ticks(tick from, tick to) const {
  const std::lock_guard lock(mutex_);
  std::vector<tick> out;
  for (const auto& row : rows_)
    if (row.blind && row.at >= from && row.at <= to)
      out.push_back(row.at);
  return out;
}

cluster_history::row* cluster_history::find(tick n) {
  if (rows_.empty() || n < rows_.front().at || n > rows_.back().at)
    return nullptr;
  return &rows_[static_cast<std::size_t>(n - rows_.front().at)];
}

void cluster_history::push(const tick_grid& grid, const row& what, const intake& in) {
  const std::lock_guard lock(mutex_);
  if (grid != grid_ || (!rows_.empty() && what.at > rows_.back().at + 1))
    begin(grid);
  if (auto* there = find(what.at)) { // it was read from the log meanwhile
    *there = what;
    return;
  }
  rows_.push_back(what);
  add_late(in);
}

void cluster_history::add_late(const intake& in) {
  for (std::size_t b = 0; b < in.hosts().blocks(); ++b)
    for (const auto& patch : in.ring().patches(b))
      if (auto* row = patch.field == ring_patch::every_field ? nullptr : find(patch.at))
        if (const auto place = place_under_lock(in.fields().name(patch.field)))
          row->places[*place].add(patch.value);
}

void cluster_history::note_beginning(const beginning& where) {
  const std::lock_guard lock(mutex_);
  beginning_ = where;
}

std::optional<cluster_history::beginning> cluster_history::begins() const {
  const std::lock_guard lock(mutex_);
  const bool here = beginning_ && !rows_.empty() && rows_.front().at <= beginning_->at;
  return here ? beginning_ : std::nullopt;
}

void cluster_history::put(const tick_grid& grid, const std::vector<row>& rows, bool replace) {
  const std::lock_guard lock(mutex_);
  if (rows.empty())
    return;
  if (rows_.empty() || (grid == grid_ && rows.front().at > rows_.back().at + 1))
    begin(grid);
  if (grid != grid_)
    return;
  for (const auto& one : rows) {
    if (auto* there = find(one.at); there != nullptr && replace)
      *there = one;
    else if (rows_.empty() || one.at == rows_.back().at + 1)
      rows_.push_back(one);
  }
  for (auto one = rows.rbegin(); one != rows.rend(); ++one)
    if (one->at + 1 == rows_.front().at && !rows_.full())
      rows_.push_front(*one);
}

} // namespace tocsin
