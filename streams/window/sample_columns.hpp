#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tocsin {

/// Samples in order of their arrival, taken apart into columns: what is alike in many stands once.
/// A view; whoever made it owns the memory.
///
/// 1. Every index is within its table, every time from 0 to 8.64e15, every value one that a
///    sample_view may hold.
/// 2. The samples of shape s are the rows of its columns, in order.
struct sample_columns {
  /// Samples that report the same fields in the same order.
  struct shape {
    std::span<const std::uint32_t> fields; ///< indexes into `fields` above
    std::uint32_t rows = 0;
    const double* values = nullptr; ///< column by column
    const double* column(std::size_t f) const { return values + f * rows; }
  };
  std::span<const std::string_view> hosts, fields;
  std::span<const std::string_view> labels; ///< JSON objects
  std::span<const shape> shapes;
  // Of each sample:
  std::span<const std::uint32_t> host_of, shape_of;
  std::span<const std::int64_t> ts_ms;      ///< all count as named by their samples
  std::span<const std::uint32_t> labels_of; ///< 0: none, else place in `labels` + 1
  std::span<const std::uint8_t> gone;
  std::span<const std::uint32_t>
      server_of; ///< 0: none, else place in `servers` + 1; empty: none has
  std::span<const std::string_view> servers; ///< which serverIds there are
  std::size_t size() const { return host_of.size(); }
  /// Which server on its host sample i is of.
  std::optional<std::string_view> server(std::size_t i) const {
    if (server_of.empty() || server_of[i] == 0)
      return std::nullopt;
    return servers[server_of[i] - 1];
  }
};

} // namespace tocsin
