#pragma once

#include "streams/window/intake.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What lines of one origin have in common: everything but the names of host and server, the time
/// and the numbers of fields. A line that differs from a sample that was read and understood in
/// these alone says the same with other numbers, and need not be taken apart again.
class skeleton {
public:
  /// Takes a line that was read as `sample`, with its time named or not, none of whose fields was
  /// dropped or overridden. False: it holds something that a skeleton cannot stand for.
  bool learn(std::string_view line, const sample_view& sample, bool named_ts);

  /// Reads a line by what was learnt: into `sample`, whose names are those of the line and of the
  /// skeleton, and `ts_ms` if the line has one. False: it is another kind of line, or may be wrong;
  /// nothing is said about it.
  bool read(std::string_view line, sample_view& sample);
  bool named_ts() const { return named_ts_; }
  /// A number for the list of its fields; never 0, another for each skeleton learnt.
  std::uint32_t shape = 0;

  /// Skeletons of longer lines, or with more parts, are not worth their memory.
  static constexpr std::size_t line_bytes_max = 16384;
  /// Each field's whole path is its name, so names may be longer than the line.
  static constexpr std::size_t names_bytes_max = 2 * line_bytes_max;

private:
  enum class part : std::uint8_t { host, server, time, value };
  struct piece {
    std::uint32_t end; // of the text before the part
    part what;
  };
  friend class skeleton_scan;

  std::string text_; // all that is common, one behind the other
  std::vector<piece> pieces_;
  std::vector<field_value> values_;
  std::vector<char> names_; // of fields; unlike a string it keeps its place when it is moved
  std::string labels_;
  bool gone_ = false;
  bool named_ts_ = false;
};

/// A few skeletons, those last used first. Where lines are so unlike each other that most fit none,
/// few are tried, and few lines learnt from.
class skeleton_cache {
public:
  /// Reads a line by one of them; null: none fits.
  const skeleton* read(std::string_view line, sample_view& sample);
  void learn(std::string_view line, const sample_view& sample, bool named_ts);

private:
  static constexpr std::size_t skeletons_max = 32;
  static constexpr std::size_t tried_when_in_vain = 2;
  static constexpr std::uint32_t in_vain = 64;
  static constexpr std::uint32_t learnt_when_in_vain = 16; // one of so many
  std::vector<skeleton> known_;
  std::vector<std::size_t> order_;
  std::uint32_t shapes_ = 0;
  std::uint32_t misses_ = 0; // more than hits, lately; at most twice `in_vain`
  std::uint32_t passed_over_ = 0;
  skeleton spare_;
};

} // namespace tocsin
