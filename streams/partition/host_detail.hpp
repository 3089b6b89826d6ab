#pragma once

#include "streams/partition/engine.hpp"
#include "streams/partition/host_history.hpp"

#include <string>
#include <vector>

namespace tocsin {

/// What is known of one host, gathered step by step; when a tick was sealed since, it begins anew.
class host_detail {
public:
  struct open_incident {
    rule_index rule;
    std::int64_t start_ms;
    double trigger_value;
  };
  /// A field that the host has reported.
  struct field {
    std::string name;
    tick first;         ///< its first tick with it
    tick at = tick_min; ///< the newest sealed one with it that is held; tick_min: none
    double last = 0;    ///< the value there
    std::vector<rule_index> rules{};
  };

  explicit host_detail(std::string name) : name_(std::move(name)) {}

  /// A step reads some thousand places; true: that was the last.
  bool step(const partition_engine&, const host_history& past);

  // After the last step.
  const std::string& name() const { return name_; }
  bool known() const { return known_; }
  const host_state& state() const { return state_; } ///< only where it is known
  bool silent() const { return silent_; }
  tick newest() const { return newest_; } ///< the last sealed tick; tick_min: none
  const std::vector<open_incident>& open() const { return open_; }
  const std::vector<field>& fields() const { return fields_; }

private:
  void begin(const partition_engine&);
  std::int64_t read(field_index, const partition_engine&, const host_history& past);

  std::string name_;
  bool begun_ = false, known_ = false, silent_ = false;
  tick newest_ = tick_min;
  host_index host_ = 0;
  host_state state_;
  std::vector<open_incident> open_;
  std::vector<field> fields_;
  field_index next_ = 0;
};

/// A field that hosts have reported, or that rules look at.
struct field_summary {
  std::string name;
  std::size_t hosts = 0;  ///< with a first tick
  std::size_t rules = 0;  ///< that look at it
  std::int64_t ticks = 0; ///< that there are of it
  bool adds = false;      ///< several values in one tick add up
};

/// All fields, in the order in which they became known. Its invariants are those of host_detail.
class field_list {
public:
  bool step(const partition_engine&, const host_history& past);
  const std::vector<field_summary>& fields() const { return fields_; }
  tick newest() const { return newest_; }

private:
  std::vector<field_summary> fields_;
  field_index next_ = 0;
  std::size_t block_ = 0;
  bool begun_ = false; // the next is the last of those in the list
  tick newest_ = tick_min;
};

} // namespace tocsin
