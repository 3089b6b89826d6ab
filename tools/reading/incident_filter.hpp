#pragma once

#include "config/result.hpp"
#include "config/text_map.hpp"
#include "tools/reading/name_pattern.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// The incidents that a command shows: by rule, host and labels of the rule.
///
/// 1. One of the patterns for rules must match, one of those for hosts, and for each label that is
///    named one of its patterns. What has no pattern is not looked at.
/// 2. A label that the rule does not have matches nothing, not even `*`.
class incident_filter {
public:
  incident_filter() = default;
  /// `labels`: NAME=PATTERN each.
  static result<incident_filter> read(const std::vector<std::string>& rules,
                                      const std::vector<std::string>& hosts,
                                      const std::vector<std::string>& labels);

  /// Whether it lets everything pass.
  bool is_empty() const { return rules_.empty() && hosts_.empty() && labels_.empty(); }
  bool takes(std::string_view rule, std::string_view host, const text_map& labels) const;

  /// The only rule, or the only host, that it takes; none where there may be several.
  std::optional<std::string> only_rule() const;
  std::optional<std::string> only_host() const;

private:
  struct label_patterns {
    std::string name;
    std::vector<name_pattern> values;
  };
  std::vector<name_pattern> rules_, hosts_;
  std::vector<label_patterns> labels_;
};

} // namespace tocsin
