#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tocsin {

/// Makes lines of what comes in pieces. A line is cut after `bytes_max`, and then marked; so no
/// more than that is ever held.
class line_reader {
public:
  explicit line_reader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  using taker = std::function<void(std::string_view line, bool cut)>;
  void take(std::string_view piece, const taker&);
  /// The last line, where it was not ended.
  void finish(const taker&);

private:
  void hand_on(const taker&);

  std::size_t bytes_max_;
  std::string line_;
  bool cut_ = false;
};

/// How many lines hooks may write into the log: so many at once, and so many per second. Pure; it
/// is told the time.
class line_allowance {
public:
  static constexpr std::int64_t at_once = 2'000;
  static constexpr std::int64_t per_second = 200;

  /// Whether a line may be written now (monotonic ms); else it is counted.
  bool take(std::int64_t now_ms);
  /// How many were not allowed since the last call, once lines are allowed again; else 0.
  std::uint64_t take_dropped(std::int64_t now_ms);

private:
  void refill(std::int64_t now_ms);

  std::int64_t left_ms_ = at_once * 1'000 / per_second; // a line costs 1,000 / per_second
  std::int64_t last_ms_ = INT64_MIN;
  std::uint64_t dropped_ = 0;
};

/// A line for the log: colours are taken out, other control characters and bad UTF-8 made visible,
/// so that what a host calls itself cannot forge lines or drive a terminal.
std::string printable(std::string_view line);

} // namespace tocsin
