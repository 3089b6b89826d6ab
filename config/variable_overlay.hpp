#pragma once

#include "config/json_document.hpp"
#include "config/problem_list.hpp"
#include "config/read_settings.hpp"
#include "config/setting_keys.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace tocsin {

/// Merges what BP_CONFIG_… and TOCSIN_ENABLED say into a configuration, at any depth: a whole
/// branch (BP_CONFIG_PRO='{…}'), a setting, a key of tocsin.statsd or tocsin.botpress.
///
/// 1. Objects are merged key by key; the longer path wins, whatever the order of the variables.
/// 2. Lists below `pro` are merged item by item, because that is what Botpress makes of them
///    (lodash's merge), with a warning where something of the file stays. Lists below `tocsin`
///    replace the file's: the header of one webhook must not come to another.
/// 3. An empty variable is one that is not set. What is no JSON where JSON is needed is an error.
/// 4. Nodes that come from a variable know it: places are its name and the way in it. They refer to
///    this object, which must outlive them.
class variable_overlay {
public:
  /// Every variable that is read, in the order in which they are merged.
  static std::vector<std::string> names();

  void apply(const environment&, json_node& root, problem_list&);

  /// Why the variable of a setting is no JSON; none: it is, or is not set. (Of other variables that
  /// is among the problems.)
  const std::string* failure_of(const setting_key&) const;

private:
  enum class lists : bool { replaced, merged };

  void put(json_node& root, std::string_view path, const std::string& variable,
           const json_node& value, problem_list&);
  void merge(json_node& into, const json_node& from, const std::string& pointer, lists,
             problem_list&);
  void merge_items(json_node& into, const json_node& from, const std::string& pointer,
                   problem_list&);
  void graft(json_node& into, const json_node& from, const std::string& pointer);

  std::deque<std::string> pointers_;                         // addresses stay
  std::map<std::string, std::string, std::less<>> failures_; // of settings, by variable
};

} // namespace tocsin
