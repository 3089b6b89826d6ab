#pragma once

#include "actors/http/responder.hpp"
#include "actors/metrics/registry.hpp"
#include "streams/redis/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace tocsin {

/// Where requests that read Redis wait for somebody who may block: neither the server's threads nor
/// the engine's actors do. Any thread may call anything.
///
/// 1. At most `slots` queries wait, run or have an answer that is not written yet; one more is
///    answered 503 `busy` at once. With answers of at most `answer_bytes_max` that is the most
///    memory that they take: 8 × 32 MiB, beside what the two that run gather.
/// 2. A query is answered `query_ms_max` after it was asked at the latest, but for one call to
/// Redis.
class query_desk : public std::enable_shared_from_this<query_desk> {
public:
  static constexpr std::size_t slots = 8;
  static constexpr std::size_t answer_bytes_max = std::size_t{32} << 20;
  static constexpr std::int64_t query_ms_max = 10'000;

  /// Asked between reads: false once the query has taken too long, or the engine stops.
  using go_on = std::function<bool()>;
  /// Makes the answer. A failure is one of Redis.
  using work = std::function<result<http::response>(redis::connection&, const go_on&)>;

  /// A query on its way. Its slot goes with the answer.
  struct query {
    work run;
    http::responder answer;
    std::shared_ptr<const void> slot;
    std::int64_t until_ms = 0;

    void send(http::response what);
  };

  explicit query_desk(metric_registry& registry);

  /// `now_ms`: monotonic.
  void ask(work what, http::responder answer, std::int64_t now_ms);

  /// Called, from whoever asks, when there is work.
  void on_work(std::function<void()> wake);
  /// The next one; nothing when none waits.
  std::optional<query> next();
  /// Makes the answer of one: to be called by whoever took it, with its connection, or none where
  /// Redis is away. Returns what Redis did wrong, if it did.
  std::optional<error> answer(query&& one, redis::connection* c,
                              const std::function<std::int64_t()>& clock);

  /// Answers 503 to all that wait and will come.
  void stop();
  bool stopping() const;

private:
  std::shared_ptr<const void> take_slot();

  counter &answered_, &busy_, &failed_;
  mutable std::mutex mutex_;
  std::deque<query> waiting_;
  std::function<void()> wake_;
  std::size_t taken_ = 0;
  bool stopping_ = false;
};

/// 503 with `Retry-After`.
http::response not_now(const char* code, const std::string& why);

} // namespace tocsin
