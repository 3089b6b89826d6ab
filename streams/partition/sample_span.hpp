#pragma once

#include "streams/redis/sample_log.hpp"
#include "streams/sample/column_entry.hpp"
#include "streams/sample/entry.hpp"
#include "streams/sample/sample_reader.hpp"
#include "streams/sample/sample_rows.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tocsin {

/// Gathers the samples of a span of time from entries of the log, whatever their order there.
///
/// 1. What a server on a host says twice for one moment counts once, as in the windows: of samples
///    with the same host, server and time each field's first value stands, in one sample.
/// 2. Samples without values (`gone`) are none.
/// 3. Memory: what bytes() says, and twice that while they are written.
class sample_span {
public:
  /// Both ends are in it.
  sample_span(std::int64_t from_ms, std::int64_t to_ms) : from_ms_(from_ms), to_ms_(to_ms) {}

  /// Takes what of an entry lies in the span; an entry that cannot be read has nothing.
  void add(const redis::log_entry& entry);
  std::size_t bytes() const { return rows_.bytes() + large_bytes_; }

  /// Calls visit(JSON of a sample) for each, oldest first, hosts and servers of one moment by name,
  /// until it says false. The view is valid until visit returns.
  void visit(const std::function<bool(std::string_view)>& visit) const;

private:
  // A sample of more values than rows take is written at once.
  struct large_sample {
    std::int64_t ts_ms;
    std::string host;
    std::optional<std::string> server;
    std::string text;
  };
  struct item {
    std::int64_t ts_ms;
    std::string_view host;
    std::optional<std::string_view> server;
    std::size_t row; // of rows_, and from its size on of large_
  };
  void add_sample(const sample_view& s, std::uint32_t shape);
  void add_columns(const sample_columns& from);
  void add_lines(std::string_view lines, redis::stream_id id);
  std::vector<item> items() const;

  std::int64_t from_ms_, to_ms_;
  sample_rows rows_;
  std::vector<large_sample> large_;
  std::size_t large_bytes_ = 0;
  entry_reader unpack_;
  column_reader columns_;
  sample_reader reader_{sample_reader::source::live};
  std::vector<field_value> values_;
};

/// How a reading ended.
enum class span_end : std::uint8_t {
  whole,     ///< all there is was read
  too_large, ///< more than the bound
  stopped,   ///< somebody said so
};

struct span_bounds {
  /// How much earlier than a sample's time its entry may have come (its host's clock is ahead), and
  /// how much later (it was kept while no server answered). What is further off is not found.
  std::int64_t early_ms = 60'000;
  std::int64_t late_ms = 3'600'000;
  std::size_t bytes_max = std::size_t{64} << 20;
};

/// Reads the samples of a span from the log at `key`, beginning where they may be. `go_on` is asked
/// between reads of at most 32 MiB. Ids give no time beyond Redis's own: behind such an entry the
/// log is read to its end.
result<span_end> read_span(redis::connection& c, const std::string& key, std::int64_t from_ms,
                           std::int64_t to_ms, const span_bounds& bounds,
                           const std::function<bool()>& go_on, sample_span& into);

} // namespace tocsin
