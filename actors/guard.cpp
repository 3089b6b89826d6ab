#include "actors/guard.hpp"

#include <exception>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

const char* reason_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what(); // lives as long as `thrown`
  } catch (...) {
    return "something that is no exception";
  }
}

} // namespace

void guard(caf::scheduled_actor* self) {
  self->set_exception_handler([](caf::scheduled_actor* who, std::exception_ptr& thrown) {
    spdlog::error("actor {}: {}", who->name(), reason_of(thrown));
    return caf::make_error(caf::exit_reason::unhandled_exception);
  });
  self->set_default_handler(
      [](caf::scheduled_actor* who, caf::message_view&) -> caf::result<caf::message> {
        spdlog::error("actor {}: a message came that it does not know", who->name());
        return caf::sec::unexpected_message;
      });
}

} // namespace tocsin
