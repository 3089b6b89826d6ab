#include "actors/pipeline.hpp"

#include "actors/guard.hpp"
#include "actors/janitor.hpp"
#include "actors/live_feed.hpp"
#include "actors/log_writer.hpp"
#include "actors/membership.hpp"
#include "actors/query_reader.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

caf::actor_system_config& configure(caf::actor_system_config& config) {
  // `sharing` wakes an idle worker in a tenth of the time that `stealing` takes, and burns no CPU
  // while nothing happens; the bound on throughput keeps one busy actor from delaying the others.
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-throughput", std::size_t{100});
  config.set("scheduler.max-threads",
             std::max<std::size_t>(2, std::thread::hardware_concurrency()));
  return config;
}

namespace {

constexpr std::size_t query_readers = 2; // so that a long question does not hold up a short one

// Without these nothing can be taken or evaluated: rather end than hang.
caf::actor watch_over(caf::actor_system& sys, engine_context& ctx, std::vector<caf::actor> vital) {
  return sys.spawn([&ctx, vital = std::move(vital)](caf::event_based_actor* self) -> caf::behavior {
    guard(self);
    for (const auto& a : vital)
      self->monitor(a);
    self->set_down_handler([=, &ctx](const caf::down_msg& down) {
      if (down.reason == caf::exit_reason::normal || down.reason == caf::exit_reason::kill)
        return self->quit();
      spdlog::critical("a vital actor ended unexpectedly ({})", self->system().render(down.reason));
      ctx.broken = true;
    });
    return {[](stop_atom) {}};
  });
}

void stop_until(caf::actor_system& sys, const caf::actor& a,
                std::chrono::steady_clock::time_point until) {
  caf::scoped_actor self{sys};
  self->monitor(a);
  self->send(a, stop_atom::value);
  const auto left = std::max(until - std::chrono::steady_clock::now(),
                             std::chrono::steady_clock::duration::zero());
  self->receive([](const caf::down_msg&) {},
                caf::after(std::chrono::duration_cast<std::chrono::milliseconds>(left)) >> [] {});
}

} // namespace

pipeline::pipeline(caf::actor_system& sys, engine_context& ctx, const std::string& worker,
                   std::shared_ptr<query_desk> desk)
    : sys_(sys), ctx_(ctx), desk_(std::move(desk)),
      log_writer_(sys.spawn<caf::detached>(log_writer, &ctx)),
      collector_(sys.spawn(tocsin::collector, &ctx, log_writer_)),
      membership_(sys.spawn<caf::detached>(membership, &ctx, worker)),
      janitor_(sys.spawn<caf::detached>(janitor, &ctx)),
      live_feed_(sys.spawn<caf::detached>(live_feed, &ctx)) {
  for (std::size_t i = 0; i < query_readers; ++i)
    query_readers_.push_back(sys.spawn<caf::detached>(query_reader, &ctx, desk_));
  desk_->on_work([readers = query_readers_] {
    for (const auto& a : readers)
      caf::anon_send(a, tick_atom::value);
  });
  watch_ = watch_over(sys, ctx, {log_writer_, collector_, membership_, janitor_});
}

void pipeline::take_up(const rules_ptr& rules) {
  caf::anon_send(membership_, reload_atom::value, rules);
}

bool pipeline::stop(std::int64_t timeout_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  ctx_.stopping = true;
  caf::anon_send_exit(watch_, caf::exit_reason::kill);
  desk_->stop();
  ctx_.live.close();
  caf::anon_send_exit(live_feed_, caf::exit_reason::kill);
  for (const auto& a : query_readers_)
    caf::anon_send_exit(a, caf::exit_reason::kill);
  // Those that take in first, then those that give out.
  for (const auto& a : {collector_, membership_})
    stop_until(sys_, a, until);
  for (const auto& a : {collector_, membership_, log_writer_, janitor_})
    caf::anon_send_exit(a, caf::exit_reason::kill);
  const auto& actors = sys_.registry();
  while (actors.running() > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return actors.running() == 0;
}

} // namespace tocsin
