#pragma once

#include "streams/sample/json_tokens.hpp"

#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <utility>

// What simdjson leaves to its callers: strings without bad escapes, numbers to the bit, and one way
// out where a value deep in the tree is at fault. For sample_reader alone.

namespace tocsin {

namespace ondemand = simdjson::ondemand;

/// A line is rejected: thrown here, and caught where the reading of a line began.
struct rejection {
  std::string why;
  bool syntax = false; ///< explain_line() may know it better
};
[[noreturn]] void reject(std::string why);
[[noreturn]] void reject(simdjson::error_code);

template <class T>
T need(simdjson::simdjson_result<T>&& r) {
  if (r.error())
    reject(r.error());
  return std::move(r).value_unsafe();
}

/// Rejects a string that escapes otherwise than JSON allows.
void check_json_string(ondemand::raw_json_string);

/// The key of a member. Where it holds half of a surrogate pair it names nothing: then as it is
/// written.
struct member_key {
  std::string_view text;
  bool broken;
};
member_key key_of(ondemand::field&);

/// The value of a JSON number, infinite where it is out of a double's range.
double number(ondemand::value);

/// The same; none for another value, which is handed to `skip`.
std::optional<double> number_or_none(ondemand::value v, auto&& skip) {
  if (need(v.type()) == ondemand::json_type::number)
    return number(v);
  skip(v);
  return std::nullopt;
}

} // namespace tocsin
