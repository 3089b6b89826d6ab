#include "config/rule.hpp"

namespace tocsin {

std::string_view name_of(aggregation value) {
  switch (value) {
  case aggregation::avg:
    return "avg";
  case aggregation::sum:
    return "sum";
  case aggregation::min:
    return "min";
  case aggregation::max:
    return "max";
  case aggregation::last:
    return "last";
  case aggregation::count:
    return "count";
  }
  return {};
}

std::string_view name_of(operand value) {
  return value == operand::equal_or_more_than ? "equalOrMoreThan" : "equalOrLessThan";
}

std::string_view name_of(no_data value) {
  return value == no_data::keep ? "keep" : "resolve";
}

} // namespace tocsin
