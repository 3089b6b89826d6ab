#include "streams/partition/sample_span.hpp"

#include "config/keyed_hash.hpp"
#include "streams/sample/nested_json.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_set>

namespace tocsin {

namespace {

constexpr std::size_t shapes_kept_max = 1'000;

// One sample of several of the same host and moment.
struct merged_sample {
  std::vector<std::string_view> fields;
  std::vector<double> values;
  std::unordered_set<std::string_view, text_hash> seen;

  void add(std::span<const std::string_view> names, std::span<const double> from) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (seen.insert(names[i]).second) {
        fields.push_back(names[i]);
        values.push_back(from[i]);
      }
  }
};

} // namespace

void sample_span::add(const redis::log_entry& entry) {
  if (entry.bytes.size() > redis::log_entry_bytes_max)
    return;
  const auto form = read_entry_form(entry.form);
  if (form == entry_form::columns) {
    if (const auto samples = columns_.read(entry.bytes))
      add_columns(**samples);
    return;
  }
  if (const auto text = unpack_.read(form, entry.bytes))
    add_lines(*text, entry.id);
}

void sample_span::add_lines(std::string_view lines, redis::stream_id id) {
  for_each_line(lines, [&](std::string_view line) {
    const auto read = reader_.read(line);
    if (!read)
      return;
    auto sample = read->sample;
    if (!read->named_ts)
      sample.ts_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(id.ms, time_max_ms));
    add_sample(sample, 0);
  });
}

void sample_span::add_columns(const sample_columns& from) {
  std::vector<std::uint32_t> next_row(from.shapes.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto& shape = from.shapes[from.shape_of[i]];
    const auto row = next_row[from.shape_of[i]]++;
    if (from.ts_ms[i] < from_ms_ || from.ts_ms[i] > to_ms_)
      continue;
    values_.clear();
    for (std::size_t f = 0; f < shape.fields.size(); ++f)
      values_.push_back({from.fields[shape.fields[f]], shape.column(f)[row]});
    sample_view s;
    s.host = from.hosts[from.host_of[i]];
    s.ts_ms = from.ts_ms[i];
    s.labels = from.labels_of[i] == 0 ? std::string_view() : from.labels[from.labels_of[i] - 1];
    s.values = values_;
    s.server = from.server(i);
    add_sample(s, 0);
  }
}

void sample_span::add_sample(const sample_view& s, std::uint32_t shape) {
  if (s.ts_ms < from_ms_ || s.ts_ms > to_ms_ || s.values.empty() || rows_.add(s, shape))
    return;
  std::vector<std::string_view> fields;
  std::vector<double> values;
  for (const auto& v : s.values) {
    fields.push_back(v.field);
    values.push_back(v.value);
  }
  large_.push_back({s.ts_ms, std::string(s.host), std::optional<std::string>(s.server), {}});
  nested_json(fields).write(large_.back().text, {s.host, s.server, s.ts_ms, s.labels}, values);
  large_bytes_ += large_.back().text.size();
}

std::vector<sample_span::item> sample_span::items() const {
  std::vector<item> all;
  all.reserve(rows_.size() + large_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto row = rows_[i];
    all.push_back({row.ts_ms, row.host, row.server, i});
  }
  for (std::size_t i = 0; i < large_.size(); ++i)
    all.push_back({large_[i].ts_ms, large_[i].host, large_[i].server, rows_.size() + i});
  std::sort(all.begin(), all.end(), [](const item& a, const item& b) {
    return std::tie(a.ts_ms, a.host, a.server, a.row) < std::tie(b.ts_ms, b.host, b.server, b.row);
  });
  return all;
}

void sample_span::visit(const std::function<bool(std::string_view)>& visit) const {
  std::map<std::uint32_t, nested_json> by_shape;
  const auto all = items();
  const auto write = [&](std::size_t begin, std::size_t end, std::string& text) {
    const auto first = rows_[all[begin].row];
    const nested_json::head head{first.host, first.server, first.ts_ms, first.labels};
    if (end == begin + 1) {
      if (by_shape.size() >= shapes_kept_max)
        by_shape.clear();
      const auto known = by_shape.try_emplace(first.shape, rows_.fields(first.shape)).first;
      return known->second.write(text, head, first.values);
    }
    merged_sample one;
    for (auto i = begin; i < end; ++i) {
      const auto row = rows_[all[i].row];
      one.add(rows_.fields(row.shape), row.values);
    }
    nested_json(one.fields).write(text, head, one.values);
  };
  std::string text;
  for (std::size_t i = 0, end = 0; i < all.size(); i = end) {
    end = i + 1;
    text.clear();
    if (all[i].row >= rows_.size()) {
      text = large_[all[i].row - rows_.size()].text;
    } else {
      while (end < all.size() && all[end].row < rows_.size() && all[end].ts_ms == all[i].ts_ms &&
             all[end].host == all[i].host && all[end].server == all[i].server)
        ++end;
      write(i, end, text);
    }
    if (!visit(text))
      return;
  }
}

result<span_end> read_span(redis::connection& c, const std::string& key, std::int64_t from_ms,
                           std::int64_t to_ms, const span_bounds& bounds,
                           const std::function<bool()>& go_on, sample_span& into) {
  const auto first_ms = std::max<std::int64_t>(from_ms - bounds.early_ms, 0);
  const auto last_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(to_ms + bounds.late_ms, 0));
  redis::stream_id after{static_cast<std::uint64_t>(first_ms), 0};
  redis::read_pace pace;
  while (go_on()) {
    const auto batch = redis::read_log(c, key, after, pace);
    if (!batch)
      return batch.failure();
    const auto now_ms =
        static_cast<std::uint64_t>(std::max<std::int64_t>(batch->server_time_ms, 0));
    for (const auto& entry : batch->entries) {
      if (entry.id.ms > last_ms && entry.id.ms <= now_ms)
        return span_end::whole;
      into.add(entry);
      if (into.bytes() > bounds.bytes_max)
        return span_end::too_large;
    }
    if (batch->at_end)
      return span_end::whole;
    after = batch->entries.back().id;
  }
  return span_end::stopped;
}

} // namespace tocsin
