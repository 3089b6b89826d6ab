#pragma once

#include "config/keyed_hash.hpp"
#include "streams/window/intake.hpp"

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace tocsin {

/// Picks of samples what one host reported, or some fields, and leaves their order. One thread;
/// what it gives is valid until the next call, as long as what it was given is.
///
/// A sample of which no field is picked stays, without values: it may make its host known, or be
/// its leave.
class sample_filter {
public:
  /// No host: all of them. `fields` empty: all of them.
  sample_filter(std::optional<std::string> host, std::vector<std::string> fields);

  /// Null where nothing is left.
  const sample_columns* pick(const sample_columns& from);
  /// False where nothing is left.
  bool pick(sample_view& s);

  bool takes(std::string_view field) const { return fields_.empty() || fields_.contains(field); }

private:
  void pick_samples(const sample_columns& from, std::uint32_t host);
  void pick_values(const sample_columns& from);

  std::optional<std::string> host_;
  std::unordered_set<std::string, text_hash, std::equal_to<>> fields_;

  sample_columns out_;
  std::vector<sample_columns::shape> shapes_;
  std::vector<std::uint32_t> shape_fields_, host_of_, shape_of_, labels_of_, server_of_;
  std::vector<std::int64_t> ts_ms_;
  std::vector<std::uint8_t> gone_;
  std::vector<double> values_;
  std::vector<field_value> line_;
  std::vector<std::vector<std::uint32_t>> rows_; // of each shape, those picked
};

} // namespace tocsin
