#include "streams/redis/sorted_set.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace tocsin::redis {

namespace {

// Redis writes scores as the shortest decimal, or inf.
bool read_score(std::string_view text, double& to) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), to);
  return ec == std::errc{} && end == text.data() + text.size();
}

} // namespace

result<std::vector<scored_member>> score_pages::next(connection& c, std::size_t count) {
  const auto from = fmt::format("{:.17g}", from_);
  const auto skip = std::to_string(skip_);
  const auto most = std::to_string(count);
  auto r = c.call({"ZRANGEBYSCORE", key_, from, "+inf", "WITHSCORES", "LIMIT", skip, most});
  if (!r)
    return r.failure();
  if (!r->is_array() || r->elements.size() % 2 != 0)
    return shape_error(c, "ZRANGEBYSCORE " + key_);
  std::vector<scored_member> out;
  for (std::size_t i = 0; i < r->elements.size(); i += 2) {
    scored_member m;
    if (!read_score(r->elements[i + 1].text, m.score))
      return shape_error(c, "ZRANGEBYSCORE " + key_);
    m.text = std::move(r->elements[i].text);
    out.push_back(std::move(m));
  }
  if (out.empty())
    return out;
  const auto last = out.back().score;
  const auto same = static_cast<std::size_t>(
      std::count_if(out.begin(), out.end(), [&](const auto& m) { return m.score == last; }));
  skip_ = last == from_ ? skip_ + same : same;
  from_ = last;
  return out;
}

} // namespace tocsin::redis
