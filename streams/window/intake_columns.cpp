#include "streams/window/intake.hpp"

#include <algorithm>
#include <cassert>

// The way of samples that come as columns. What one sample does depends on others of the same host
// in the same tick, and on the order in which hosts and fields become known, but on nothing else.
// So a run of samples of one tick and as many hosts, all of whose fields are known, may go into the
// windows field by field.

namespace tocsin {

void intake::apply(const sample_columns& c, log_position at, std::int64_t from_ms,
                   const observer& seen) {
  assert(begun());
  auto& b = batch_;
  hosts_.find_all(c.hosts, b.hosts);
  b.servers.assign(1, 0);
  for (const auto name : c.servers)
    b.servers.push_back(server_key(name));
  if (b.shapes.size() < c.shapes.size())
    b.shapes.resize(c.shapes.size());
  for (std::size_t s = 0; s < c.shapes.size(); ++s) {
    b.shapes[s].rows_seen = 0;
    b.shapes[s].ready = false;
  }
  b.at = tick_min;
  ++b.number;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const auto shape = c.shape_of[i];
    const auto row = b.shapes[shape].rows_seen++;
    if (c.ts_ms[i] < from_ms)
      continue;
    const auto n = grid_.of(c.ts_ms[i]);
    const bool open = n >= next_ && n <= next_ + grid_.ticks_ahead();
    const bool joins = open && ready(c, shape);
    if (!joins || n != b.at) {
      flush_batch(c);
      b.at = n;
    }
    const auto fate = joins ? join_batch(c, i, row, at) : apply_one(c, i, row, at);
    if (seen)
      seen({c.hosts[c.host_of[i]], c.ts_ms[i], true, c.gone[i] != 0, {}, {}}, fate);
  }
  flush_batch(c);
}

// Whether values of this shape meet known fields only, so that none becomes known by them.
bool intake::ready(const sample_columns& c, std::uint32_t shape) {
  auto& s = batch_.shapes[shape];
  if (s.ready)
    return true;
  s.fields.clear();
  s.has_avg = false;
  bool sum = false, count = false;
  for (const auto f : c.shapes[shape].fields) {
    const auto known = fields_.find(c.fields[f]);
    if (!known && fields_.has_room_for(c.fields[f]))
      return false;
    s.fields.push_back(known);
    s.has_avg |= known && known == latency_avg_;
    sum |= known && known == latency_sum_;
    count |= known && known == latency_count_;
  }
  s.has_latency = sum && count;
  // A latency may be derived for the first time.
  if ((sum || count) && !latency_avg_)
    return false;
  return s.ready = true;
}

sample_fate intake::apply_one(const sample_columns& c, std::size_t i, std::uint32_t row,
                              log_position at) {
  const auto& shape = c.shapes[c.shape_of[i]];
  batch_.values.clear();
  for (std::size_t f = 0; f < shape.fields.size(); ++f)
    batch_.values.push_back({c.fields[shape.fields[f]], shape.column(f)[row]});
  const auto labels = c.labels_of[i];
  return apply({c.hosts[c.host_of[i]], c.ts_ms[i], true, c.gone[i] != 0,
                labels == 0 ? std::string_view() : c.labels[labels - 1], batch_.values,
                c.server(i)},
               at);
}

host_index intake::host_of(const sample_columns& c, std::size_t i) {
  auto& host = batch_.hosts[c.host_of[i]];
  if (host == host_table::none) // until now, that is: it may have become known meanwhile
    host = hosts_.find(c.hosts[c.host_of[i]]).value_or(host_table::none);
  return host;
}

sample_fate intake::join_batch(const sample_columns& c, std::size_t i, std::uint32_t row,
                               log_position at) {
  auto& b = batch_;
  auto host = host_of(c, i);
  if (following_) {
    if (host == host_table::none || at < hosts_.at(host).since)
      return sample_fate::unknown;
  } else if (host == host_table::none) {
    const auto made = add_host(c.hosts[c.host_of[i]]);
    if (!made) {
      ++counts_.refused;
      return sample_fate::refused;
    }
    host = b.hosts[c.host_of[i]] = *made;
    hosts_.at(host).since = at;
    note_changed(host);
  }
  auto& state = hosts_.at(host);
  if (state.batch == b.number)
    flush_batch(c);
  state.batch = b.number;
  if (const auto l = c.labels_of[i]; l != 0 && state.labels != c.labels[l - 1]) {
    state.labels = c.labels[l - 1];
    note_changed(host);
  }
  auto& shape = b.shapes[c.shape_of[i]];
  if (shape.members.empty())
    b.touched.push_back(c.shape_of[i]);
  const auto server = c.server_of.empty() ? 0 : c.server_of[i];
  if (server != 0)
    state.servers.note(b.servers[server], b.at);
  shape.members.push_back({host, row, open_.word_of(b.at, {c.ts_ms[i], true}), server,
                           open_.has_value(host, b.at), false});
  sample_view leave;
  leave.gone = c.gone[i] != 0;
  note_leave(state, leave, b.at, false);
  newest_ = std::max(newest_, b.at);
  ++counts_.accepted;
  return sample_fate::accepted;
}

void intake::flush_batch(const sample_columns& c) {
  auto& b = batch_;
  for (const auto number : b.touched) {
    auto& shape = b.shapes[number];
    // Of different hosts, so their order is of no account; neighbours in memory go together.
    const auto by_host = [](const auto& x, const auto& y) { return x.host < y.host; };
    if (!std::is_sorted(shape.members.begin(), shape.members.end(), by_host))
      std::sort(shape.members.begin(), shape.members.end(), by_host);
    for (std::size_t f = 0; f < shape.fields.size(); ++f) {
      if (shape.fields[f]) {
        take_column(shape, *shape.fields[f], c.shapes[number].column(f));
        continue;
      }
      counts_.values_dropped += shape.members.size();
      note_homeless(c.fields[c.shapes[number].fields[f]], shape.members.front().host);
      for (auto& m : shape.members)
        m.homeless = true;
    }
    settle_batch(shape);
    shape.members.clear();
  }
  b.touched.clear();
  ++b.number;
}

void intake::take_column(batch::shape& shape, field_index f, const double* values) {
  const auto n = batch_.at;
  const bool adding = fields_.merge(f) == merging::adding;
  std::size_t at_block = SIZE_MAX;
  field_block* block = nullptr;
  open_ticks::stamp_word* stamps = nullptr;
  open_ticks::server_key* servers = nullptr;
  double* row = nullptr;
  bool any = false;
  for (auto& m : shape.members) {
    const auto at = m.host % block_hosts;
    if (m.host / block_hosts != at_block) {
      at_block = m.host / block_hosts;
      block = following_ ? ring_.find(f, at_block) : &ring_.at(f, at_block);
      row = nullptr; // a row is claimed by a value that is taken, not before
    }
    const bool first = block && n < block->first(at);
    if (following_ && (!block || first)) {
      ++counts_.values_dropped;
      m.homeless = true;
      continue;
    }
    if (!row) {
      any = true;
      stamps = open_.stamps(at_block, f, n);
      servers = open_.servers(at_block, f, n, batch_.servers.size() > 1);
      // What was reported is kept apart from what is derived, as in take_value().
      row = f == latency_avg_ ? open_.reported_row(at_block, n) : block->claim(n);
    }
    const double v = values[m.row];
    if (stamps[at] == 0) {
      stamps[at] = m.stamp;
      if (servers)
        servers[at] = batch_.servers[m.server];
      row[at] = v;
    } else {
      const auto place = open_.take({stamps[at], servers ? servers + at : nullptr}, m.host, f, n,
                                    m.stamp, batch_.servers[m.server]);
      if (place == open_ticks::place::repeated) {
        note_repeated(m.host, n);
        m.repeated = true;
        continue;
      }
      if (place == open_ticks::place::full) {
        ++counts_.values_dropped;
        continue;
      }
      if (adding)
        row[at] += v;
      else if (place == open_ticks::place::newer)
        row[at] = v;
    }
    ++counts_.values_taken;
    m.brought = true;
    if (first)
      note_first(m.host, f, n);
  }
  if (any)
    reports_[f].last = std::max(reports_[f].last, n);
}

void intake::settle_batch(batch::shape& shape) {
  for (const auto& m : shape.members) {
    if (!m.brought && (!m.homeless || m.repeated)) // as in apply()
      continue;
    // Alone in its tick a sample has a latency only by what it holds itself.
    if (m.further || shape.has_avg || shape.has_latency)
      settle_latency(m.host, batch_.at, m.further || !shape.has_avg);
    open_.set_has_value(m.host, batch_.at);
  }
}

} // namespace tocsin
