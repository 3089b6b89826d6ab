#pragma once

#include <boost/circular_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace tocsin {

/// Sample lines that wait to be sent, oldest first. It owns them. Pure; one thread at a time.
///
/// 1. At most `capacity` lines; one more drops the oldest and counts it. An hour of samples, at
///    most 36,000 · about 500 bytes = 18 MB at 100 ms, 180 KB at 10 s. A machine with 16 disks and
///    8 interfaces has lines of some 2 KB.
/// 2. Lines are numbered from 0 in the order in which they came, and keep their number. So a batch
///    that is confirmed removes exactly itself, also where lines were dropped meanwhile.
class backlog {
public:
  /// An hour of samples at this interval: at least 1, at most 36,000 lines.
  static std::size_t capacity_for(std::int64_t interval_ms);

  explicit backlog(std::size_t capacity) : lines_(capacity) {}

  void push(std::string line);

  struct batch {
    std::string text;        ///< NDJSON, each line ended
    std::uint64_t first = 0; ///< number of its first line
    std::uint64_t end = 0;   ///< one past the number of its last
    std::size_t lines() const { return static_cast<std::size_t>(end - first); }
  };
  /// The oldest lines, at most `lines_max`; they stay until removed.
  batch oldest(std::size_t lines_max) const;
  /// Removes the lines numbered below `end`.
  void remove_before(std::uint64_t end);

  std::size_t size() const { return lines_.size(); }
  bool empty() const { return lines_.empty(); }
  std::size_t capacity() const { return lines_.capacity(); }
  std::uint64_t dropped() const { return dropped_; }

private:
  boost::circular_buffer<std::string> lines_;
  std::uint64_t first_ = 0; // number of lines_.front()
  std::uint64_t dropped_ = 0;
};

} // namespace tocsin
