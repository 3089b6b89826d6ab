#include "actors/rule.hpp"

namespace tocsin {

caf::behavior rule_actor(caf::stateful_actor<rule_state>* self,
                         std::shared_ptr<live_aggregator> core, std::size_t first, std::size_t of,
                         caf::actor incident) {
  auto& engine = core->engine();
  self->state.checker = std::make_unique<block_checker>(
      engine.plan->rules, engine.in.ring(), engine.in.history(), engine.incidents.open());
  self->state.core = std::move(core);
  return {
      [=](sealed_atom, const seal_ptr& seal) {
        auto found = std::make_shared<std::vector<verdict_change>>();
        for (auto block = first; block < seal->blocks; block += of)
          self->state.checker->check(block, *found);
        self->send(incident, found_atom::value, findings_ptr(std::move(found)));
      },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
