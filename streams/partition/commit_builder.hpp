#pragma once

#include "streams/partition/seal_record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// Turns sealed ticks into the parts that are committed, and keeps the marks between them: each
/// part expects what the one before it left. Pure.
///
/// 1. A part has at most 1,000 events and 2,000 changes of each hash that grow with the number of
///    hosts, so that Redis never stands still for long.
/// 2. Hosts are removed from the registry with a tick's last part only: until then a restart needs
///    them to resolve what is theirs.
class commit_builder {
public:
  /// `committed`: what stands in Redis; none for a new partition.
  commit_builder(std::string owner, std::string rules_hash,
                 std::optional<redis::progress_mark> committed, tick_grid grid);

  /// The parts of a tick, to be committed in order.
  std::vector<redis::commit_part> build(const seal_record&, const tick_outcome&);

  /// The rest of a tick of which parts stand committed already: the next parts continue theirs.
  std::vector<redis::commit_part> build_rest(const seal_record&, const tick_outcome&);

private:
  std::vector<redis::commit_part> build_from(const seal_record&, const tick_outcome&,
                                             std::size_t parts_done);
  void add_event(redis::commit_part&, const incident_event&, std::int64_t end_ms);

  std::string owner_;
  std::string rules_hash_;
  std::optional<redis::progress_mark> mark_;
  tick_grid grid_;
  redis::stream_id last_event_;
};

/// "k/m" of a progress mark; 0/0 where it is none.
struct part_of {
  std::size_t k = 0, m = 0;
  bool last() const { return k == m; }
};
part_of read_part(const std::string& text);

/// The field of the cooldowns hash: ["rule","host"].
std::string cooldown_field(std::string_view rule, std::string_view host);

} // namespace tocsin
