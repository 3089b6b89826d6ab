#include "config/rule_words.hpp"

#include "config/duration.hpp"

#include <fmt/format.h>

namespace tocsin {

std::string rule_words(std::string_view aggregation, std::string_view field,
                       std::int64_t timeframe_ms, std::string_view threshold,
                       std::string_view operand) {
  return fmt::format("{} of {} over {} is {} or {}", aggregation, field,
                     describe_duration(timeframe_ms), threshold,
                     operand == "equalOrMoreThan" ? "more" : "less");
}

} // namespace tocsin
