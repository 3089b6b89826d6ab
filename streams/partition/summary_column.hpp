#pragma once

#include "streams/partition/host_history.hpp"
#include "streams/partition/value_summary.hpp"

#include <vector>

namespace tocsin {

/// What a host reported of a field from tick `from` to `newest`, where that reaches further back
/// than single ticks are held: from the summaries, then from the ticks behind them. `from` is what
/// host_history::summed_from gave. O(slots + ticks).
value_summary summary_of(const host_history&, field_index, host_index, tick from, tick newest);

/// The same for all hosts of a block at once, some rows at a time. Between two steps a tick may be
/// taken over into the summaries: then it begins anew.
class summary_column {
public:
  void begin(field_index, std::size_t block, tick from, tick newest);
  /// Takes so many further rows in; true: those were the last.
  bool step(const host_history&, std::int64_t rows_max);
  /// After the last step.
  const value_summary& at(std::size_t host) const { return hosts_[host]; }

private:
  void begin(const host_history&);
  void add_slot(const host_history&, std::int64_t slot);
  void add_lasts(const host_history&);

  field_index field_ = 0;
  std::size_t block_ = 0;
  tick from_ = 0, newest_ = 0;
  bool begun_ = false;
  tick until_ = tick_min; // of the summaries, when it was begun
  std::int64_t slot_ = 0; // the next one
  tick at_ = 0;           // the next one behind them
  std::vector<value_summary> hosts_;
};

} // namespace tocsin
