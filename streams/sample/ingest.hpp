#pragma once

#include "streams/sample/sample_reader.hpp"
#include "streams/sample/sample_rows.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A sample of a body that was not taken.
struct rejected_sample {
  std::uint64_t line; ///< of the body, or place in its array; from 1
  std::string error;
};

/// What is to go into the log from the body of a request.
struct ingested_body {
  sample_rows rows; ///< each with its time
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::vector<rejected_sample> first_rejected; ///< at most `rejected_shown_max`
  std::uint64_t fields_dropped = 0;
  std::vector<dropped_field> first_dropped; ///< at most 10
  bool too_large = false; ///< what it says takes more than `rows_bytes_max`: nothing is kept of it

  static constexpr std::size_t rejected_shown_max = 100;
  /// Memory for what a body says. A sample takes 32 bytes more than its host, labels and values, so
  /// 16 MiB of the smallest take 41; but a field is named once in a body and once more below
  /// every other object, and its whole path is its name.
  static constexpr std::size_t rows_bytes_max = std::size_t{48} << 20;
};

/// One sample in a body is at most this long, so that it fits an entry of the log.
inline constexpr std::size_t sample_bytes_max = (std::size_t{1} << 20) - 1024;

/// Reads bodies: one sample, an array of samples, or NDJSON; a byte order mark before it is
/// skipped. Each sample is judged alone; those without a time get `now_ms`. Reuses its memory; one
/// thread.
class body_reader {
public:
  body_reader();
  ~body_reader();
  body_reader(const body_reader&) = delete;
  body_reader& operator=(const body_reader&) = delete;

  ingested_body read(std::string body, std::int64_t now_ms);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tocsin
