#pragma once

#include "streams/partition/sample_filter.hpp"
#include "streams/partition/seal_record.hpp"
#include "streams/redis/sample_log.hpp"
#include "streams/sample/decode_crew.hpp"
#include "streams/sample/sample_reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tocsin {

/// What was skipped on the way from the log into the windows.
struct applier_counts {
  std::uint64_t entries_skipped = 0;
  std::uint64_t lines_rejected = 0;
  std::uint64_t fields_dropped = 0;
};

/// Reads the entries of a live log into the windows. A line without a time has that of its entry's
/// id. Owned by whoever owns the intake; one thread.
class entry_applier {
public:
  /// Told of every sample and its fate; may be empty.
  using observer = intake::observer;

  /// `decoders`: threads that decode what begin() announced, besides the one that applies it.
  explicit entry_applier(unsigned decoders = 0) : crew_(decoders) {}

  /// Announces entries that are applied next, one by one and in this order. They stay where they
  /// are until all of them are, or end().
  void begin(std::span<const redis::log_entry> entries);
  /// What is left of them is not applied.
  void end() { begin({}); }

  /// Applies an entry, announced or not.
  void apply(intake& in, const redis::log_entry& entry, const observer& seen = {});

  /// Passes over samples of an earlier time from now on.
  void ignore_before(std::int64_t time_ms) { from_ms_ = time_ms; }
  /// Applies only what this picks, from now on.
  void pick_with(sample_filter filter) { filter_ = std::move(filter); }

  const applier_counts& counts() const { return counts_; }
  /// Why the last entry or line was skipped; empty: none was.
  const std::string& last_complaint() const { return complaint_; }

private:
  void skip(redis::stream_id id, const std::string& why);
  void apply_line(intake& in, std::string_view line, redis::stream_id id, const observer& seen);

  const decoded_entry& decode(const redis::log_entry&);

  decode_crew crew_;
  const redis::log_entry* next_ = nullptr; // of those announced
  std::vector<packed_entry> packed_;
  sample_reader reader_{sample_reader::source::live};
  applier_counts counts_;
  std::string complaint_;
  std::int64_t from_ms_ = 0;
  std::optional<sample_filter> filter_;
};

} // namespace tocsin
