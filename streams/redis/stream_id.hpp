#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::redis {

/// The id of a stream entry. Ids give order within a stream and nothing else: `ms` is whatever the
/// writer or Redis's clock made of it.
struct stream_id {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  /// "1700000000000-0"
  std::string text() const;
  /// The least id above this one; the greatest id gives itself.
  stream_id next() const noexcept;
  /// Reads "ms-seq" or "ms" (seq 0); anything else is nothing.
  static std::optional<stream_id> parse(std::string_view text) noexcept;
  static constexpr stream_id greatest() noexcept { return {UINT64_MAX, UINT64_MAX}; }

  friend auto operator<=>(const stream_id&, const stream_id&) = default;
};

/// A whole text of decimal digits; anything else is nothing.
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

} // namespace tocsin::redis
