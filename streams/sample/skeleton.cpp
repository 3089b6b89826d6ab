#include "streams/sample/skeleton.hpp"

#include "streams/sample/name_bound.hpp"
#include "streams/sample/number.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tocsin {

namespace {

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The end of a string that needs no unescaping and is ASCII, from behind its opening quote; null
// where it is another.
const char* plain_string_end(const char* p, const char* end) {
  for (; p != end; ++p) {
    if (*p == '"')
      return p;
    if (*p < 0x20 || *p == 0x7f || *p == '\\') // also what is no ASCII
      return nullptr;
  }
  return nullptr;
}

} // namespace

// Finds the parts of a line that is known to be JSON.
class skeleton_scan {
public:
  skeleton_scan(skeleton& into, std::string_view line) : s_(into), line_(line) {}

  bool run() {
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (c == '"') {
        if (!string())
          return false;
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        if (!number())
          return false;
      } else if (c == '[') {
        return false;
      } else {
        depth_ += (c == '{') - (c == '}');
        ++at_;
      }
    }
    s_.text_.append(line_.substr(literal_));
    return true;
  }
  std::size_t hosts = 0, servers = 0, times = 0, values = 0;

private:
  // Ends the common text at `begin` and goes on with it at `end`.
  void part(skeleton::part what, std::size_t begin, std::size_t end) {
    s_.text_.append(line_.substr(literal_, begin - literal_));
    s_.pieces_.push_back({static_cast<std::uint32_t>(s_.text_.size()), what});
    literal_ = at_ = end;
  }

  bool string() {
    const auto begin = at_ + 1;
    auto end = begin;
    for (; end < line_.size() && line_[end] != '"'; ++end)
      end += line_[end] == '\\';
    if (end >= line_.size())
      return false;
    auto next = end + 1;
    while (next < line_.size() && blank(line_[next]))
      ++next;
    const bool key = next < line_.size() && line_[next] == ':';
    at_ = end + 1;
    if (key && depth_ == 1)
      top_key_ = line_.substr(begin, end - begin);
    const bool host = top_key_ == "host";
    if (key || depth_ != 1 || (!host && top_key_ != "serverId"))
      return true;
    ++(host ? hosts : servers);
    if (!plain_string_end(line_.data() + begin, line_.data() + line_.size()))
      return false;
    part(host ? skeleton::part::host : skeleton::part::server, begin, end);
    at_ = end + 1; // behind the closing quote, which is common text
    return true;
  }

  bool number() {
    for (const auto* key : {"labels", "gone", "at", "heartbeat", "host", "serverId"})
      if (top_key_ == key)
        return false;
    double unused = 0;
    const char* const from = line_.data() + at_;
    const char* const end = read_json_number(from, line_.data() + line_.size(), unused);
    if (!end)
      return false;
    const bool time = depth_ == 1 && top_key_ == "ts";
    if (!time && top_key_ == "ts")
      return false;
    ++(time ? times : values);
    part(time ? skeleton::part::time : skeleton::part::value, at_,
         at_ + static_cast<std::size_t>(end - from));
    return true;
  }

  skeleton& s_;
  std::string_view line_;
  std::size_t at_ = 0, literal_ = 0;
  int depth_ = 0;
  std::string_view top_key_;
};

bool skeleton::learn(std::string_view line, const sample_view& sample, bool named_ts) {
  std::size_t name_bytes = 0;
  for (const auto& v : sample.values)
    name_bytes += v.field.size();
  if (line.size() > line_bytes_max || name_bytes > names_bytes_max)
    return false;
  text_.clear();
  pieces_.clear();
  skeleton_scan scan(*this, line);
  if (!scan.run() || scan.hosts != 1 || scan.servers != std::size_t{sample.server.has_value()} ||
      scan.times != std::size_t{named_ts} || scan.values != sample.values.size())
    return false;
  names_.clear();
  for (const auto& v : sample.values)
    names_.insert(names_.end(), v.field.begin(), v.field.end());
  values_.clear();
  auto names = std::string_view(names_.data(), names_.size());
  for (const auto& v : sample.values) {
    values_.push_back({names.substr(0, v.field.size()), 0});
    names.remove_prefix(v.field.size());
  }
  labels_ = sample.labels;
  gone_ = sample.gone;
  named_ts_ = named_ts;
  return true;
}

bool skeleton::read(std::string_view line, sample_view& sample) {
  const char* p = line.data();
  const char* const end = p + line.size();
  const char* text = text_.data();
  auto* value = values_.data();
  sample.server.reset();
  const auto is_common = [&](const char* until) {
    const auto n = static_cast<std::size_t>(until - text);
    if (static_cast<std::size_t>(end - p) < n || std::memcmp(p, text, n) != 0)
      return false;
    p += n;
    text = until;
    return true;
  };
  for (const auto& piece : pieces_) {
    if (!is_common(text_.data() + piece.end))
      return false;
    if (piece.what == part::host || piece.what == part::server) {
      const char* const stop = plain_string_end(p, end);
      if (!stop || static_cast<std::size_t>(stop - p) > name_bytes_max)
        return false;
      const std::string_view name(p, static_cast<std::size_t>(stop - p));
      if (piece.what == part::server)
        sample.server = name;
      else if (name.empty())
        return false;
      else
        sample.host = name;
      p = stop;
      continue;
    }
    double x = 0;
    const char* const stop = read_json_number(p, end, x);
    if (!stop)
      return false;
    p = stop;
    if (piece.what == part::time) {
      if (!(x >= 0 && x <= double{time_max_ms}))
        return false;
      sample.ts_ms = static_cast<std::int64_t>(x);
    } else if (std::abs(x) <= 1e300) {
      (value++)->value = std::abs(x) < 1e-290 ? 0.0 : x;
    } else {
      return false;
    }
  }
  if (!is_common(text_.data() + text_.size()) || p != end)
    return false;
  sample.ts_named = named_ts_;
  sample.gone = gone_;
  sample.labels = labels_;
  sample.values = values_;
  return true;
}

const skeleton* skeleton_cache::read(std::string_view line, sample_view& sample) {
  const auto tried =
      misses_ > in_vain ? std::min(tried_when_in_vain, order_.size()) : order_.size();
  for (std::size_t i = 0; i < tried; ++i) {
    auto& s = known_[order_[i]];
    if (!s.read(line, sample))
      continue;
    misses_ -= misses_ > 0;
    std::rotate(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(i),
                order_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return &s;
  }
  misses_ += misses_ < 2 * in_vain;
  return nullptr;
}

void skeleton_cache::learn(std::string_view line, const sample_view& sample, bool named_ts) {
  if (misses_ > in_vain && ++passed_over_ % learnt_when_in_vain != 0)
    return;
  if (!spare_.learn(line, sample, named_ts))
    return;
  spare_.shape = ++shapes_ == 0 ? ++shapes_ : shapes_;
  if (known_.size() < skeletons_max) {
    known_.reserve(skeletons_max);
    known_.emplace_back();
    order_.push_back(known_.size() - 1);
  }
  // The one that was not used for the longest time makes room.
  std::rotate(order_.begin(), order_.end() - 1, order_.end());
  std::swap(known_[order_.front()], spare_);
}

} // namespace tocsin
