#pragma once

#include "config/result.hpp"
#include "streams/sample/label_set.hpp"
#include "streams/window/intake.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A field whose value was no number, or none that Tocsin takes; or a host that has no place.
struct dropped_field {
  std::string field;
  std::string_view why;
  std::string host = {}; ///< empty unless all of its sample is dropped
};

/// What one line says: a sample, or (in a file) a heartbeat.
struct sample_line {
  bool heartbeat = false;
  sample_view sample;             ///< its ts_ms counts only where `named_ts`
  bool named_ts = false;          ///< the sample names its time
  std::optional<std::int64_t> at; ///< log time of the line, in a file; of a heartbeat always
  std::uint32_t shape = 0; ///< lines of one reader with the same number have the same fields; 0:
                           ///< this says nothing
};

/// Reads samples, one JSON object each. Reuses its memory: what read() returns is valid until the
/// next call. One thread.
class sample_reader {
public:
  /// Bytes that must be readable behind a line's end.
  static constexpr std::size_t padding = 64;
  /// Objects and arrays deeper than this are refused.
  static constexpr std::size_t depth_max = 1024;
  /// A sample with more fields, whatever they hold, objects between them included, is refused.
  static constexpr std::size_t fields_max = 4096;
  /// Labels that need more bytes than this as JSON are dropped.
  static constexpr std::size_t labels_bytes_max = label_set::bytes_max;

  enum class source {
    live, ///< `at` and `heartbeat` mean nothing
    file, ///< `at` is the line's log time, {"heartbeat":TS} a heartbeat
  };
  explicit sample_reader(source from);
  ~sample_reader();
  sample_reader(sample_reader&&) noexcept;
  sample_reader& operator=(sample_reader&&) noexcept;

  /// Reads a line without its newline; `padding` bytes behind it must be readable. The error says
  /// why the line is rejected. Names in the answer may be those of the line itself.
  result<sample_line, std::string> read(std::string_view line);

  /// The same for text without room behind it: copies it first.
  result<sample_line, std::string> read_copy(std::string_view line);

  /// The fields of the last line that were dropped.
  const std::vector<dropped_field>& dropped() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tocsin
