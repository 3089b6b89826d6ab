#include "tools/reading/event_follower.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

std::int64_t reconnect_wait::next_ms() {
  const auto now = next_;
  next_ = std::min(2 * next_, longest_ms);
  return now;
}

result<std::string> newest_event_id(engine_api& api) {
  event_parser parser;
  const auto end = api.follow({}, [&](std::string_view piece) {
    return parser.feed(piece, [](const server_event&) { return false; });
  });
  if (parser.last_id().empty())
    return error{end.why};
  return parser.last_id();
}

event_follower::event_follower(engine_api& api, std::string after, outside with)
    : api_(api), after_(std::move(after)), with_(std::move(with)) {}

engine_api::stream_end event_follower::connect() {
  parser_.begin_again();
  const auto take = [&](const server_event& event) {
    if (!event.id.empty())
      after_ = event.id;
    wanted_ = with_.take(event);
    return wanted_;
  };
  return api_.follow(after_, [&](std::string_view piece) {
    wait_.stood();
    if (told_of_loss_)
      with_.say(fmt::format("connected again, and going on behind event {}", after_));
    told_of_loss_ = false;
    return parser_.feed(piece, take);
  });
}

status event_follower::run() {
  for (bool stood = false;;) {
    const auto end = connect();
    if (!wanted_ || api_.cancelled())
      return done{};
    stood = stood || end.began;
    if (!stood || end.final)
      return error{end.why};
    if (parser_.too_large())
      return error{fmt::format("an event is larger than {} bytes", event_parser::event_bytes_max)};
    // An engine that was restarted, or whose tokens were replaced, is there again soon.
    if (!end.began && !told_of_loss_) {
      told_of_loss_ = true;
      with_.say(fmt::format("the connection is lost, and tried again: {}", end.why));
    }
    if (!with_.wait_ms(wait_.next_ms()))
      return done{};
  }
}

} // namespace tocsin
