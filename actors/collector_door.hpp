#pragma once

#include "actors/collector.hpp"
#include "actors/machine/agent.hpp"
#include "streams/sample/ingest.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace tocsin {

/// How long a post may take that nobody waits for.
inline constexpr std::int64_t post_timeout_ms = 5'000;
/// How often hurry() is said to a thread that is about to post.
inline constexpr std::chrono::milliseconds hurry_again{20};

/// The engine's own collector as a server that samples are delivered to. `post` is one thread's.
class collector_door : public sample_door {
public:
  collector_door(engine_context& ctx, caf::actor collector)
      : ctx_(ctx), collector_(std::move(collector)) {}

  /// 202 once the samples are in the log, 503 where it did not take them, 400 where none of them
  /// is one, and no status where the log did not say in time. Those that are none are counted, as
  /// those of a request over HTTP are.
  server_answer post(std::size_t server, std::string_view ndjson, std::int64_t timeout_ms) override;
  void hurry() override;

private:
  struct waiting;

  engine_context& ctx_;
  caf::actor collector_;
  body_reader reader_; // of the one thread that posts
  std::mutex mutex_;
  std::shared_ptr<waiting> current_; // of the last post
};

} // namespace tocsin
