#pragma once

#include "streams/rule/incident.hpp"
#include "streams/rule/plan.hpp"
#include "streams/rule/spare_list.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace tocsin {

/// What happened to one pair of rule and host; a tick may bring millions of them.
struct pair_event {
  double trigger_value;
  std::int64_t start_ms;
  rule_index rule;
  std::uint32_t host : 27;  ///< host_index; once named, its number in the outcome
  std::uint32_t opened : 1; ///< else resolved,
  std::uint32_t why : 3;    ///< for this `resolution`;
  std::uint32_t cools : 1;  ///< and the rule's cooldown began

  static constexpr std::uint32_t host_mask = (1u << 27) - 1;
};
static_assert(sizeof(pair_event) == 24);

/// Numbers the hosts of one outcome after the other. Memory: 4 bytes a host.
struct host_numbering {
  std::vector<std::uint32_t> number; ///< by host_index; 0: none yet
};

/// What the outcomes of one rule set share.
struct rule_book {
  rule_set rules;
  std::string cluster; ///< part of every incident's id
  /// Where the memory of events comes from.
  std::shared_ptr<spare_list<pair_event>> spare = std::make_shared<spare_list<pair_event>>();
};

/// What a tick did to incidents and cooldowns, on its way into the commit. Stands on its own: it
/// holds the names of its hosts, whatever becomes of them, and shares the rules.
///
/// 1. The life cycle fills it, and names the hosts before the next seal.
/// 2. Then order() once, in any thread; then at(). 28 bytes an event, and each host's name once.
class tick_outcome {
public:
  /// A pair whose cooldown ended or was forgotten. One that began stands in its event.
  struct pair_names {
    std::string rule;
    std::string host;
  };
  /// An incident whose rule is no longer in the rule set.
  struct removed_incident {
    rule about;
    std::string host;
    std::int64_t start_ms;
    double trigger_value;
    std::string annotations{}; ///< filled, a JSON object; empty: none
  };

  tick_outcome() = default;
  tick_outcome(std::shared_ptr<const rule_book> book, std::int64_t end_ms)
      : book_(std::move(book)), end_ms_(end_ms) {}

  std::int64_t end_ms() const { return end_ms_; }
  std::size_t size() const { return removed_.size() + pairs_->size(); }
  std::size_t opened() const { return opened_; }
  std::size_t resolved() const { return size() - opened_; }

  /// Resolved before opened, then by rule (removed ones first, in their old order), then by the
  /// bytes of the host's name. O(events + hosts × log hosts).
  void order();
  /// The i-th event in that order. What it points to lives as long as this does.
  event_view at(std::size_t i) const;
  /// All of them with their ids, for who does not mind the memory. Puts them in order.
  std::vector<incident_event> events();
  std::string_view cluster() const { return book_ ? std::string_view(book_->cluster) : ""; }

  std::size_t cooled_count() const { return cooled_.size() + forgotten_cooled_.size(); }
  /// Rule and host.
  std::pair<std::string_view, std::string_view> cooled(std::size_t i) const;

  // For the life cycle.
  void add(const pair_event& e) {
    pairs_->push_back(e);
    opened_ += e.opened;
  }
  void add_cooled(rule_index r, host_index h) { cooled_.push_back({r, h}); }
  void add_removed(std::vector<removed_incident>&& all) { removed_ = std::move(all); }
  void add_forgotten_cooled(std::vector<pair_names>&& all) { forgotten_cooled_ = std::move(all); }
  void reserve_more(std::size_t events);
  /// The hosts' names may be read: all were known at the last seal.
  void name_hosts(const host_table&, host_numbering&);

private:
  struct cooled_pair {
    rule_index rule;
    std::uint32_t host;
  };
  std::string_view host_name(std::uint32_t number) const;
  std::vector<std::uint32_t> hosts_by_name() const;
  void order_removed();

  std::shared_ptr<const rule_book> book_;
  std::int64_t end_ms_ = 0;
  std::size_t opened_ = 0;
  borrowed_list<pair_event> pairs_;
  std::vector<std::uint32_t> order_; // of pairs_
  std::vector<removed_incident> removed_;
  std::vector<cooled_pair> cooled_;
  std::vector<pair_names> forgotten_cooled_;
  std::string names_;                  // of the hosts, one behind the other
  std::vector<std::size_t> name_ends_; // by number
};

} // namespace tocsin
