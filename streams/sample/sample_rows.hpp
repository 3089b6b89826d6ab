#pragma once

#include "streams/sample/name_dictionary.hpp"
#include "streams/window/intake.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Samples one behind the other, on their way from whoever read them to the writer of the log. Each
/// has a time. No memory of its own per sample.
class sample_rows {
public:
  /// A sample with more values or longer names than this stays a line of JSON.
  static constexpr std::size_t values_max = 4096;
  static constexpr std::size_t names_bytes_max = std::size_t{64} << 10;

  struct row {
    std::string_view host, labels;
    std::optional<std::string_view> server;
    std::int64_t ts_ms = 0;
    bool gone = false;
    std::uint32_t shape = 0; ///< which fields, in which order
    std::span<const double> values;
    std::string_view line; ///< the whole sample as JSON, where it is too large to be taken apart
  };

  /// Adds a sample; `shape_hint` as in sample_line. False: it is too large.
  bool add(const sample_view&, std::uint32_t shape_hint = 0);
  /// Adds a sample that is too large, as one line of JSON that holds its time; '\n' ends it.
  void add_line(std::string_view line);
  void reserve(std::size_t samples, std::size_t values);

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  row operator[](std::size_t i) const;
  std::size_t shapes() const { return shapes_.size(); }
  /// The names of a shape's fields; valid until the next call.
  std::span<const std::string_view> fields(std::uint32_t shape) const;
  /// Memory that the samples take, about.
  std::size_t bytes() const {
    return rows_.size() * sizeof(stored) + text_.size() + values_.size() * sizeof(double) +
           fields_.bytes() + shapes_.bytes();
  }

private:
  struct stored {
    std::int64_t ts_ms;
    std::uint32_t text_at, values_at;
    std::uint32_t shape, labels_size;
    std::uint8_t host_size, server_size;
    bool has_server, gone;
  };
  static constexpr std::uint32_t line_shape = UINT32_MAX;
  std::uint32_t shape_of(std::span<const field_value>, std::uint32_t hint);

  std::vector<stored> rows_;
  std::string text_;
  std::vector<double> values_;
  name_dictionary fields_, shapes_; // a shape's name is the numbers of its fields
  std::string key_;
  std::uint32_t last_hint_ = 0, last_shape_ = 0;
  mutable std::vector<std::string_view> names_;
};

} // namespace tocsin
