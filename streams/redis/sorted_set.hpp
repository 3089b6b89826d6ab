#pragma once

#include "streams/redis/connection.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// A member of a sorted set.
struct scored_member {
  double score = 0;
  std::string text;
};

/// Reads the members of a sorted set from a score upwards, a page at a time; it writes nothing.
/// What is added or removed meanwhile may be missed or seen, but nothing that stays is missed, even
/// where many have one score: each page begins behind the last of its score.
class score_pages {
public:
  score_pages(std::string key, double from) : key_(std::move(key)), from_(from) {}

  /// The next at most `count` members; none: that was all. A failure is a lost connection, or what
  /// Redis said against it.
  result<std::vector<scored_member>> next(connection& c, std::size_t count);
  /// Passes over the next member without reading it.
  void pass_over() { ++skip_; }

private:
  std::string key_;
  double from_;
  std::size_t skip_ = 0; // of those with the score `from_`
};

} // namespace tocsin::redis
