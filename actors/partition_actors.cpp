#include "actors/partition_actors.hpp"

#include "actors/aggregator.hpp"
#include "actors/committer.hpp"
#include "actors/incident.hpp"
#include "actors/log_reader.hpp"
#include "actors/rule.hpp"

#include <algorithm>
#include <thread>

namespace tocsin {

partition_actors start_partition(caf::actor_system& sys, engine_context& ctx,
                                 recovered_partition&& from, const std::string& owner,
                                 std::int64_t acquired_ms, const caf::actor& membership,
                                 std::vector<caf::actor> listeners) {
  const auto position = from.position;
  const auto rule_count = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  commit_builder builder(owner, from.rules_hash, from.mark, from.engine->plan->grid);
  const auto core = std::make_shared<live_aggregator>(std::move(from), decoders());

  partition_actors out;
  out.core = core;
  const auto peers = std::make_shared<aggregator_peers>();
  out.committer = sys.spawn<caf::detached>(committer, &ctx, owner, acquired_ms, std::move(builder),
                                           membership, std::move(listeners));
  peers->committer = out.committer;
  peers->incident = sys.spawn(incident_actor, &ctx, core, rule_count, out.committer);
  for (std::size_t i = 0; i < rule_count; ++i)
    peers->rules.push_back(sys.spawn(rule_actor, core, i, rule_count, peers->incident));
  // Questions wait from now on for the aggregator, which opens the desk when it first runs: whoever
  // was told that rules are in force may ask under them at once.
  ctx.questions.open([] {});
  const auto aggregate = sys.spawn(aggregator, &ctx, core, peers);
  const auto reader =
      sys.spawn<caf::detached>(log_reader, &ctx, position, owner, aggregate, membership);
  caf::anon_send(aggregate, read_atom::value, reader);

  out.first_to_stop = {reader, aggregate};
  out.all = out.first_to_stop;
  out.all.insert(out.all.end(), peers->rules.begin(), peers->rules.end());
  out.all.push_back(peers->incident);
  return out;
}

} // namespace tocsin
