#pragma once

#include "streams/partition/seal_record.hpp"
#include "streams/rule/event_writer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// Turns sealed ticks into the parts that are committed, one after the other, and keeps the marks
/// between them: each part expects what the one before it left. Pure.
///
/// 1. A part has at most 1,000 events and 2,000 changes of each hash that grow with the number of
///    hosts, so that Redis never stands still for long. It is made when it is asked for: about
///    700 KB, however large the tick.
/// 2. Hosts are removed from the registry with a tick's last part only: until then a restart needs
///    them to resolve what is theirs.
class commit_builder {
public:
  /// `committed`: what stands in Redis; none for a new partition.
  commit_builder(std::string owner, std::string rules_hash,
                 std::optional<redis::progress_mark> committed, tick_grid grid);

  /// Begins a tick, when the one before it is done; the seal must outlive that.
  void begin(std::shared_ptr<const seal_record>, tick_outcome);
  /// The rest of a tick of which parts stand committed already: the next parts continue theirs.
  void begin_rest(std::shared_ptr<const seal_record>, tick_outcome);

  std::size_t parts_left() const { return parts_ - part_; }
  /// The next part of the tick; parts_left() must not be 0.
  redis::commit_part next();

  /// All parts of a tick at once, for who does not mind the memory.
  std::vector<redis::commit_part> build(const seal_record&, tick_outcome);

private:
  void begin_from(std::shared_ptr<const seal_record>, tick_outcome, std::size_t parts_done);
  void add_events(redis::commit_part&);
  void add_event(redis::commit_part&, const event_view&);
  void add_host_changes(redis::commit_part&) const;

  std::string owner_;
  std::string rules_hash_;
  std::optional<redis::progress_mark> mark_;
  tick_grid grid_;
  redis::stream_id last_event_;
  event_writer writer_;

  // The tick under way.
  std::shared_ptr<const seal_record> seal_;
  tick_outcome outcome_;
  std::size_t parts_done_ = 0; // before this builder began it
  std::size_t parts_ = 0, part_ = 0;
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
