#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace tocsin {

/// Remembers which members of a sorted set were handed on, by a hash of 128 bits, so that they are
/// not again at every poll. Owned by who polls; one thread.
///
/// 1. At most `most` are remembered (64 bytes each: 64 MB). What is not remembered is handed on
///    again, which the engine recognises: it costs work, no correctness.
/// 2. Two texts of one hash would be one: once in 10^26 for a million members.
class member_memory {
public:
  static constexpr std::size_t most = 1'000'000;

  bool knows(std::string_view member) const { return scores_.contains(hash(member)); }
  void add(std::string_view member, double score);
  /// Forgets the members below a score, which are not read again.
  void forget_below(double score);
  std::size_t size() const { return scores_.size(); }

private:
  struct digest {
    std::uint64_t first, second;
    friend bool operator==(const digest&, const digest&) = default;
  };
  struct digest_hash {
    std::size_t operator()(const digest& d) const { return d.first; }
  };
  static digest hash(std::string_view member);

  std::unordered_map<digest, double, digest_hash> scores_;
};

/// Which scores are read when: all of the last two minutes, for nodes' clocks differ, once an
/// interval; in between only what is new by a clock that is right, so that it comes in time for
/// its tick. Pure, told the time (Unix, ms).
class score_plan {
public:
  static constexpr std::int64_t whole_ms = 120'000;
  static constexpr std::int64_t recent_ms = 5'000;
  /// After a time in which nothing could be read, it goes back as far as that, at most an hour.
  static constexpr std::int64_t longest_ms = 3'600'000;

  explicit score_plan(std::int64_t interval_ms) : interval_ms_(interval_ms) {}

  /// From which score the poll at this time reads.
  std::int64_t from(std::int64_t now_ms) const;
  /// That poll read everything there was, and it was handed on.
  void done(std::int64_t now_ms);
  /// It did not: the next one reads all.
  void failed() { whole_next_ = true; }
  /// Members below this score are not read again.
  std::int64_t lowest(std::int64_t now_ms) const;

private:
  bool is_whole(std::int64_t now_ms) const;

  std::int64_t interval_ms_;
  bool whole_next_ = true;
  std::int64_t whole_at_ms_ = 0; // the last whole poll that was done; 0: none
};

} // namespace tocsin
