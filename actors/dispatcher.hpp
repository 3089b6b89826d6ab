#pragma once

#include "actors/messages.hpp"
#include "actors/redis_door.hpp"
#include "actors/sinks/delivery_queue.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tocsin {

struct dispatcher_state {
  static inline const char* name = "dispatcher";
  std::optional<redis_door> door;
  std::shared_ptr<delivery_queue> queue;
  std::uint64_t turn =
      0; ///< of the step that is due: one that was brought forward is not done twice
};

/// Hands the events of the incident stream to one sink, as long as this worker owns the partition.
/// Detached: it blocks in the sink, so that this slows down nothing else. The committer tells it
/// when there is news, so that nobody asks Redis while nothing happens.
caf::behavior dispatcher(caf::stateful_actor<dispatcher_state>* self, engine_context* ctx,
                         std::shared_ptr<delivery_queue> queue);

/// The dispatchers of a partition, one per sink that the settings ask for; without sinks nothing
/// runs. Owned by the membership, used from its thread.
class dispatchers {
public:
  explicit dispatchers(engine_context&);
  ~dispatchers() { stop(); }
  dispatchers(const dispatchers&) = delete;
  dispatchers& operator=(const dispatchers&) = delete;

  /// Before anything is committed: makes the groups that are missing, so that no event comes before
  /// them, and if asked to, warns of groups whose sinks are no longer configured. Failures are
  /// logged: no sink keeps the engine from evaluating.
  void prepare(redis::connection&, bool name_orphans);
  /// Starts them under this owner of the lease. They want `news` when events were committed.
  const std::vector<caf::actor>& start(caf::actor_system&, const std::string& owner);
  /// Ends them, also in the middle of a delivery. Returns at once.
  void stop();

private:
  engine_context& ctx_;
  std::vector<std::shared_ptr<sink>> sinks_;
  std::set<std::string> waiting_; ///< names of those that have no group and want none yet
  std::vector<std::shared_ptr<delivery_queue>> queues_;
  std::vector<caf::actor> actors_;
};

} // namespace tocsin
