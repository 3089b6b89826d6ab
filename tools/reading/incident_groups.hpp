#pragma once

#include "config/result.hpp"
#include "streams/redis/stream_event.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What incidents are counted by: their rule, their host, or a label of the rule.
struct grouping {
  enum class by : std::uint8_t { rule, host, label };
  by what = by::rule;
  std::string label = {}; ///< its name
};

/// Reads "rule", "host" or "label:NAME".
result<grouping> read_grouping(std::string_view text);

/// Counts incidents by group. It holds a name and a number per group.
class incident_groups {
public:
  explicit incident_groups(grouping by) : by_(std::move(by)) {}

  void add(const redis::stream_event& incident);
  bool empty() const { return counts_.empty(); }

  struct group {
    std::optional<std::string> name; ///< none: the rule does not have the label
    std::size_t incidents = 0;
  };
  /// The largest first, equal ones by name.
  std::vector<group> sorted() const;

  /// {"rule":"High CPU","incidents":2}, or {"label":"team","value":null,"incidents":2}
  std::string json(const group&) const;
  /// A line for people.
  std::string text(const group&) const;

private:
  grouping by_;
  std::map<std::optional<std::string>, std::size_t> counts_;
};

} // namespace tocsin
