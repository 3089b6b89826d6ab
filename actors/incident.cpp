#include "actors/incident.hpp"

#include "actors/guard.hpp"

namespace tocsin {

namespace {

using incident_self = caf::stateful_actor<incident_state>*;

void stop(incident_self self, const caf::actor& committer) {
  self->state.stopping = true;
  if (self->state.seal)
    return; // finish() comes back
  self->send(committer, stop_atom::value);
  self->quit();
}

std::vector<std::span<const verdict_change>> views_of(const std::vector<findings_ptr>& found) {
  std::vector<std::span<const verdict_change>> views;
  for (const auto& f : found)
    views.emplace_back(*f);
  return views;
}

void finish(incident_self self, engine_context& ctx, const caf::actor& committer) {
  auto& s = self->state;
  auto& engine = s.core->engine();
  const auto findings = views_of(s.found);
  auto outcome = engine.incidents.step(engine.plan->grid.end_ms(s.seal->sealed), s.seal->forgotten,
                                       findings, engine.in.hosts());
  const auto evaluation_s = monotonic_s() - s.sealed_at_s;
  s.report.evaluation_ms = evaluation_s * 1000;
  s.report.open = engine.incidents.open_count();
  s.report.opened = outcome.opened();
  s.report.resolved = outcome.resolved();
  self->send(committer, commit_atom::value,
             std::make_shared<tick_commit>(
                 tick_commit{std::move(s.seal), s.sealed_at_s, s.report, std::move(outcome)}));
  ctx.metrics.incidents_open.set(static_cast<double>(engine.incidents.open_count()));
  ctx.metrics.evaluation.observe(evaluation_s);
  s.seal.reset();
  s.found.clear();
  self->send(s.aggregator, checked_atom::value);
  if (s.stopping)
    stop(self, committer);
}

} // namespace

caf::behavior incident_actor(incident_self self, engine_context* ctx,
                             std::shared_ptr<live_aggregator> core, std::size_t rule_actors,
                             caf::actor committer) {
  guard(self);
  self->state.core = std::move(core);
  return {
      [=](sealed_atom, const seal_ptr& seal, double sealed_at_s, const tick_report& report) {
        auto& s = self->state;
        s.aggregator = caf::actor_cast<caf::actor>(self->current_sender());
        s.seal = seal;
        s.sealed_at_s = sealed_at_s;
        s.report = report;
        s.outstanding = seal->check ? rule_actors : 0;
        if (s.outstanding == 0)
          finish(self, *ctx, committer);
      },
      [=](found_atom, const findings_ptr& found) {
        auto& s = self->state;
        s.found.push_back(found);
        if (--s.outstanding == 0)
          finish(self, *ctx, committer);
      },
      [=](stop_atom) { stop(self, committer); },
  };
}

} // namespace tocsin
