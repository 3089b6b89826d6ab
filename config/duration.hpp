#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Reads a duration as the npm package `ms` 2.1.3 does ("2m", "1.5h", "2 days", "100", "-3 min"),
/// rounded to whole milliseconds as JavaScript's Math.round. None where `ms` returns undefined or
/// throws (empty, longer than 100 characters), or where the result is no safe integer.
std::optional<std::int64_t> read_duration(std::string_view text);

/// The same for a plain JSON number of milliseconds.
std::optional<std::int64_t> round_duration(double ms);

/// "2 minutes", "90 seconds", "1.5 hours": for people.
std::string describe_duration(std::int64_t ms);

/// The same behind an article, "the last …": "minute" for one minute, "2 minutes".
std::string describe_span(std::int64_t ms);

/// About how long, rounded down: "56 years", "4.3 hours", "20 days", "12 ms".
std::string describe_roughly(std::int64_t ms);

} // namespace tocsin
