#pragma once

#include "actors/api/live_events.hpp"
#include "actors/http/answer_stream.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/sample_log.hpp"

#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <utility>

namespace tocsin {

/// Hands the incident stream to clients, each of which has got it up to a place of its own. For one
/// thread, which blocks in Redis; told the time.
///
/// 1. A client gets exactly the events of the stream behind its place, in their order. Where that
///    cannot be (they are trimmed away, or more than `events_back_max`), it gets `reset` and goes
///    on at the stream's end.
/// 2. One read of Redis serves all clients that are at the same place. Nothing is read for who has
///    no room, and nothing at all without clients.
/// 3. A client is given up, and counted, when more than `waiting_bytes_max` would wait for it, or
///    when it has been behind without taking anything for `stall_ms`.
class event_fan {
public:
  struct bounds {
    std::size_t waiting_bytes_max = std::size_t{256} << 10;
    std::size_t events_back_max = 10'000;
    std::int64_t stall_ms = 10'000;
    std::int64_t beat_ms = 15'000; ///< a comment at least so often
  };
  /// `key`: of the incident stream. `dropped` counts those that are given up.
  event_fan(std::string key, counter& dropped, bounds of) noexcept
      : key_(std::move(key)), dropped_(dropped), bounds_(of) {}
  event_fan(std::string key, counter& dropped) : event_fan(std::move(key), dropped, bounds{}) {}

  void welcome(live_events::newcomer&& one) { newcomers_.push_back(std::move(one)); }
  /// Refuses those that have not got anything yet.
  void turn_away(const std::string& why);
  /// Lets go of everybody, new or not.
  void end_all();
  bool empty() const { return newcomers_.empty() && clients_.empty(); }

  /// Admits who is new, and gives everybody what they have room for. `opened`: which connection it
  /// is. True: there is more, and room for it.
  result<bool> serve(redis::connection&, std::uint64_t opened, std::int64_t now_ms);
  /// To all of them.
  void say(std::string_view text);
  /// The comment, when it is due; and lets go of those who are gone or too slow.
  void look_after(std::int64_t now_ms);
  /// Somebody has not got everything yet.
  bool behind() const;
  std::int64_t next_beat_ms() const { return next_beat_ms_; }

private:
  struct client {
    http::stream_writer to;
    redis::stream_id at;            ///< has got everything up to there
    bool behind = false;            ///< there was more when it was read last
    std::int64_t no_room_since = 0; ///< 0: it has some
  };
  struct page {
    std::vector<std::pair<redis::stream_id, std::string>> events;
    bool last = false; ///< there were no more
  };

  status admit_all(redis::connection&);
  result<bool> can_go_on(redis::connection&, redis::stream_id after, const redis::stream_facts&);
  void admit(live_events::newcomer&&, redis::stream_id at, bool reset, bool behind);
  status check_places(redis::connection&);
  result<page> read_page(redis::connection&, redis::stream_id after) const;
  result<bool> serve_place(redis::connection&, redis::stream_id at);
  void give(client&, const page&) const;
  static void reset(client&, redis::stream_id to);
  bool has_room(const client&) const;
  void drop_if(const std::function<bool(client&)>& why);

  const std::string key_;
  counter& dropped_;
  const bounds bounds_;
  std::vector<live_events::newcomer> newcomers_;
  std::list<client> clients_;
  std::uint64_t opened_ = 0;
  std::int64_t next_beat_ms_ = 0;
};

} // namespace tocsin
