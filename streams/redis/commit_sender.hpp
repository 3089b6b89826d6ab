#pragma once

#include "streams/redis/commit.hpp"

#include <deque>

namespace tocsin::redis {

/// Commits parts in order, and sends a few ahead of the answers, so that Redis need not wait while
/// the next part is made. Owned by the committer.
///
/// 1. What is sent ahead of a part that fails finds another progress than it expects and writes
///    nothing; its answer is passed over, and it is sent again behind the one that failed.
/// 2. Parts stay here, as they were sent, until their answer came. After a failure progress says
///    which of them are done: a lost connection may have carried more than one of them out, and its
///    last words may reach Redis after the first of the next one.
/// 3. Memory: `ahead_max` parts.
class commit_sender {
public:
  static constexpr std::size_t ahead_max = 3;

  explicit commit_sender(const partition_keys& keys) : keys_(keys) {}

  bool has_room() const { return parts_.size() < ahead_max; }
  bool idle() const { return parts_.empty(); }
  /// Takes the next part; has_room() must hold.
  void add(commit_part part) { parts_.push_back({std::move(part), 0}); }

  /// The connection is another one, for all that nothing was lost here: its Redis may have been
  /// started anew, and know no scripts.
  void doubt() { doubtful_ = true; }

  /// Sends what is not on its way. After a failure of anything: try again later, on this connection
  /// if it is sound, else on a new one.
  status send(connection& c, std::int64_t now_ms);

  /// Waits for the answer to the oldest part; there must be one, sent. `lost` and `fenced` are for
  /// good; with `committed` take_done() parts are done. Unless it says `committed`, no answer is on
  /// its way any more: the connection may be asked anything.
  result<commit_outcome> await(connection& c);

  /// How many parts were found to be done since the last call.
  std::size_t take_done() { return std::exchange(done_, 0); }
  /// When the part was sent that was answered last.
  std::int64_t answered_ms() const { return answered_ms_; }

private:
  struct pending {
    commit_part part;
    std::int64_t sent_ms;
  };
  void finish_oldest();
  void pass_over(connection& c);
  result<std::size_t> drop_done(connection& c);

  const partition_keys& keys_;
  std::deque<pending> parts_;
  std::size_t sent_ = 0; // of parts_, on the connection there is
  std::size_t done_ = 0;
  std::int64_t answered_ms_ = 0;
  bool doubtful_ = true; // what stands in Redis, and whether it knows the script
};

} // namespace tocsin::redis
