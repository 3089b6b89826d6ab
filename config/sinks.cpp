#include "config/sinks.hpp"

#include <algorithm>

namespace tocsin {

bool meets(const std::vector<label_condition>& conditions, const text_map& labels) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const label_condition& c) {
    const auto label = std::find_if(labels.begin(), labels.end(),
                                    [&](const auto& one) { return one.first == c.label; });
    return c.wanted.matches(label == labels.end() ? std::string_view() : label->second);
  });
}

} // namespace tocsin
