#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// What an aggregation is called in a sentence: "average" for "avg". A name that is none stays.
std::string_view aggregation_words(std::string_view aggregation);

/// A rule's condition for people: "sum of errors.count over 1 minute is 10 or more". `operand` as
/// the configuration writes it.
std::string rule_words(std::string_view aggregation, std::string_view field,
                       std::int64_t timeframe_ms, std::string_view threshold,
                       std::string_view operand);

} // namespace tocsin
