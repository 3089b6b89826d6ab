#include "config/rule_words.hpp"

#include "config/duration.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace tocsin {

std::string_view aggregation_words(std::string_view aggregation) {
  using pair = std::pair<std::string_view, std::string_view>;
  static constexpr std::array words{pair{"avg", "average"}, pair{"min", "minimum"},
                                    pair{"max", "maximum"}, pair{"last", "last value"},
                                    pair{"count", "number of ticks with a value"}};
  for (const auto& [name, said] : words)
    if (name == aggregation)
      return said;
  return aggregation;
}

std::string rule_words(std::string_view aggregation, std::string_view field,
                       std::int64_t timeframe_ms, std::string_view threshold,
                       std::string_view operand) {
  return fmt::format("{} of {} over {} is {} or {}", aggregation_words(aggregation), field,
                     describe_duration(timeframe_ms), threshold,
                     operand == "equalOrMoreThan" ? "more" : "less");
}

} // namespace tocsin
