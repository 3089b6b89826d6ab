#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace tocsin {

/// How many incidents, on how many hosts and by which rules: of all that were asked for, however
/// few of them a page shows.
class incident_counts {
public:
  static constexpr std::size_t rules_named_max = 100; ///< some 300 bytes each at most

  /// The same id counts once.
  void add(const std::string& id, std::string_view rule, std::string_view host);
  /// A JSON object: the rules with most incidents come first, equal ones by name.
  std::string json() const;

private:
  std::set<std::string> ids_;
  std::set<std::string, std::less<>> hosts_;
  std::map<std::string, std::size_t, std::less<>> rules_;
};

} // namespace tocsin
