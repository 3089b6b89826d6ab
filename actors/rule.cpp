#include "actors/rule.hpp"

#include "actors/guard.hpp"

namespace tocsin {

namespace {

// The list of the last tick, unless somebody still reads it or it is far too large by now.
std::shared_ptr<std::vector<verdict_change>> room_for_findings(rule_state& s) {
  if (!s.found || s.found.use_count() > 1 || s.found->size() < s.found->capacity() / 4)
    s.found = std::make_shared<std::vector<verdict_change>>();
  s.found->clear();
  return s.found;
}

} // namespace

caf::behavior rule_actor(caf::stateful_actor<rule_state>* self,
                         std::shared_ptr<live_aggregator> core, std::size_t first, std::size_t of,
                         caf::actor incident) {
  guard(self);
  auto& engine = core->engine();
  self->state.checker = std::make_unique<block_checker>(
      engine.plan->rules, engine.in.ring(), engine.in.history(), engine.incidents.open());
  self->state.core = std::move(core);
  return {
      [=](sealed_atom, const seal_ptr& seal) {
        auto found = room_for_findings(self->state);
        for (auto block = first; block < seal->blocks; block += of)
          self->state.checker->check(block, *found);
        self->send(incident, found_atom::value, findings_ptr(std::move(found)));
      },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
