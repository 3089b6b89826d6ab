#include "actors/statsd/statsd_aggregate.hpp"

#include "config/byte_order_mark.hpp"
#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace tocsin {

namespace {

using kind = statsd_metric::kind;

// A gauge of such a name would say something else about the sample.
bool is_reserved(std::string_view field) {
  constexpr std::array<std::string_view, 7> names = {"host", "ts",        "at",      "labels",
                                                     "gone", "heartbeat", "serverId"};
  return std::find(names.begin(), names.end(), field) != names.end();
}

// Writes samples into texts. A host with more fields than one sample should hold gets several,
// with the same time: their fields differ, so none is a repetition.
class sample_texts {
public:
  explicit sample_texts(std::int64_t ts_ms) : ts_ms_(ts_ms) {}

  void begin(std::string_view host) {
    host_ = quote_json(host);
    open();
  }
  void add(std::string_view name, std::string_view suffix, double value) {
    if (!(std::abs(value) <= 1e300))
      return;
    if (texts_.back().size() - began_ >= sample_bytes) {
      end();
      open();
    }
    texts_.back() += fmt::format(",{}:{}", quote_json(std::string(name).append(suffix)), value);
  }
  void end() { texts_.back() += "}\n"; }
  std::vector<std::string> take() { return std::move(texts_); }

private:
  static constexpr std::size_t sample_bytes = std::size_t{256} << 10;

  void open() {
    if (texts_.empty() || texts_.back().size() >= statsd_aggregate::body_bytes)
      texts_.emplace_back();
    began_ = texts_.back().size();
    texts_.back() += fmt::format(R"({{"host":{},"ts":{})", host_, ts_ms_);
  }

  std::int64_t ts_ms_;
  std::string host_;
  std::size_t began_ = 0; // of the sample being written, in the last text
  std::vector<std::string> texts_;
};

void add_count(sample_texts& to, std::string_view name, double value) {
  to.add(name, name.ends_with(".count") ? "" : ".count", value);
}

// Count, sum and average of a timer's or a histogram's values.
void add_distribution(sample_texts& to, std::string_view name, kind type, double count,
                      double sum) {
  add_count(to, name, count);
  if (name.ends_with(".count"))
    name.remove_suffix(6);
  const auto stem = std::string(name) + (type == kind::timer ? ".latency" : ".value");
  to.add(stem, "_sum", sum);
  if (count > 0)
    to.add(stem, "_avg", sum / count);
}

} // namespace

statsd_aggregate::statsd_aggregate(std::string host, const text_map& fields)
    : default_host_(std::move(host)), fields_(fields.begin(), fields.end()) {}

void statsd_aggregate::take(std::string_view packet, std::int64_t now_ms) {
  text_may_follow_ = false;
  packet = without_byte_order_mark(packet);
  while (!packet.empty()) {
    const auto end = std::min(packet.find('\n'), packet.size());
    auto line = packet.substr(0, end);
    packet.remove_prefix(std::min(end + 1, packet.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (!line.empty())
      take_line(line, now_ms);
  }
}

void statsd_aggregate::take_line(std::string_view line, std::int64_t now_ms) {
  using verdict = statsd_verdict::kind;
  statsd_metric metric;
  const auto v = read_statsd_line(line, metric);
  if (text_may_follow_ && v.what == verdict::malformed && may_be_text(line))
    return;
  text_may_follow_ = v.what == verdict::unsupported &&
                     (line.starts_with("_e{") || line.find("|m:") != std::string_view::npos);
  if (v.what == verdict::unsupported) {
    ++counts_.unsupported;
  } else if (v.what == verdict::malformed) {
    ++counts_.malformed;
    refuse(line, v.why);
  } else {
    take_metric(line, metric, now_ms);
  }
}

void statsd_aggregate::take_metric(std::string_view line, statsd_metric& metric,
                                   std::int64_t now_ms) {
  metric.name = field_of(metric.name);
  if (metric.type == kind::gauge && is_reserved(metric.name)) {
    ++counts_.malformed;
    return refuse(line, "a gauge of this name would say something else about its host");
  }
  auto* const to = find(metric, now_ms);
  if (!to) {
    ++counts_.refused;
    return refuse(line, "there is no room for more hosts or names");
  }
  while (const auto value = next_statsd_value(metric.values)) {
    if (metric.type == kind::gauge)
      to->value = value->is_signed && !metric.sets ? to->value + value->number : value->number;
    else if (metric.type == kind::counter)
      to->value += value->number / metric.rate;
    else
      to->value += value->number / metric.rate, to->count += 1 / metric.rate;
  }
  ++counts_.taken;
}

void statsd_aggregate::refuse(std::string_view line, const char* why) {
  if (refused_lines_.size() == refused_lines_max)
    refused_lines_.erase(refused_lines_.begin());
  refused_lines_.push_back({quote_for_people(line), why});
}

std::vector<statsd_refused_line> statsd_aggregate::take_refused_lines() {
  return std::exchange(refused_lines_, {});
}

std::string_view statsd_aggregate::field_of(std::string_view metric) const {
  const auto hit = fields_.find(metric);
  return hit == fields_.end() ? metric : std::string_view(hit->second);
}

// Where the metric's values are added up; none when there is no more room.
statsd_aggregate::running* statsd_aggregate::find(const statsd_metric& m, std::int64_t now_ms) {
  const std::string_view name = m.host.empty() ? std::string_view(default_host_) : m.host;
  auto at = hosts_.find(name);
  const bool known = at != hosts_.end();
  if (!known && hosts_.size() >= hosts_max)
    return nullptr;
  const series_key key(m.name, m.type);
  if (!known || !at->second.all.contains(key)) {
    if (series_ >= series_max)
      return nullptr;
    if (!known)
      at = hosts_.try_emplace(std::string(name)).first;
    at->second.all.try_emplace(key);
    ++series_;
  }
  auto& host = at->second;
  host.spoke = true;
  host.heard_ms = now_ms;
  auto& found = host.all.find(key)->second;
  found.heard_ms = now_ms;
  return &found;
}

std::vector<std::string> statsd_aggregate::flush(std::int64_t ts_ms, std::int64_t now_ms) {
  sample_texts out(ts_ms);
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    auto& [name, host] = *at;
    if (std::exchange(host.spoke, false)) {
      out.begin(name);
      for (auto& [key, s] : host.all) {
        const auto& [field, type] = key;
        if (type == kind::gauge)
          out.add(field, "", s.value);
        else if (type == kind::counter)
          add_count(out, field, s.value);
        else
          add_distribution(out, field, type, s.count, s.value);
        if (type != kind::gauge)
          s.value = s.count = 0;
      }
      out.end();
    }
    forget(host, now_ms);
    at = host.all.empty() ? hosts_.erase(at) : std::next(at);
  }
  return out.take();
}

void statsd_aggregate::forget(speaker& h, std::int64_t now_ms) {
  series_ -= std::erase_if(
      h.all, [&](const auto& each) { return now_ms - each.second.heard_ms >= forget_ms; });
}

} // namespace tocsin
