#include "actors/guard.hpp"

#include "actors/messages.hpp"
#include "actors/pipeline.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <stdexcept>

namespace tocsin::guard_test {
namespace {

caf::behavior thrower(caf::event_based_actor* self) {
  guard(self);
  return {[](tick_atom) { throw std::runtime_error("the windows are gone"); },
          [](stop_atom) { throw 7; }};
}

caf::behavior throws_at_once(caf::event_based_actor* self) {
  guard(self);
  throw std::runtime_error("no memory for a start");
}

/// What was logged, and then what came to standard output.
std::pair<std::string, std::string> said_of(const std::function<void(caf::actor_system&)>& run) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  sink->set_pattern("%l %v");
  testing::internal::CaptureStdout();
  {
    caf::actor_system_config config;
    caf::actor_system sys{configure(config)};
    run(sys);
    sys.await_all_actors_done();
  }
  spdlog::set_default_logger(before);
  return {log.str(), testing::internal::GetCapturedStdout()};
}

using said = std::pair<std::string, std::string>;

TEST(guard, logs_the_reason_of_a_throw_and_leaves_standard_output_alone) {
  EXPECT_EQ(said("error actor scheduled_actor: the windows are gone\n", ""),
            said_of([](auto& sys) { caf::anon_send(sys.spawn(thrower), tick_atom::value); }));
  EXPECT_EQ(said("error actor scheduled_actor: something that is no exception\n", ""),
            said_of([](auto& sys) {
              caf::anon_send(sys.template spawn<caf::detached>(thrower), stop_atom::value);
            }));
  EXPECT_EQ(said("error actor scheduled_actor: no memory for a start\n", ""),
            said_of([](auto& sys) { sys.spawn(throws_at_once); }));
}

TEST(guard, logs_a_message_that_nobody_knows) {
  EXPECT_EQ(said("error actor scheduled_actor: a message came that it does not know\n", ""),
            said_of([](auto& sys) {
              const auto a = sys.spawn(thrower);
              caf::anon_send(a, alive_atom::value);
              caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
            }));
}

} // namespace
} // namespace tocsin::guard_test
