#pragma once

#include "actors/machine/backlog.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// How one attempt to deliver ended.
struct server_answer {
  unsigned status = 0; ///< HTTP status; 0 where there was no answer
  std::string text;    ///< the server's answer, or why there was none
  std::optional<std::int64_t> retry_after_ms = std::nullopt;
};

/// What an answer means for the batch. The reason goes to the log.
enum class verdict_on_batch {
  taken,     ///< 202: remove it
  refused,   ///< its contents are at fault: remove it, loudly, so that it cannot block the rest
  too_large, ///< 413: send less at once; of a single line, remove it
  elsewhere  ///< this server cannot take it now: keep it, and on to the next
};
verdict_on_batch judge(const server_answer& answer);

/// Decides which batch goes to which server when; pure, time is an argument (monotonic ms). It owns
/// the backlog.
///
/// 1. It stays with a server as long as that one takes batches, and goes on to the next at once
///    when it does not; the servers form a ring.
/// 2. When each of them has failed in turn, it rests until the next sample (`push`) or until
///    `retry_rest_ms` after, whichever is earlier.
/// 3. A server that said Retry-After is left alone until then, for an hour at most; so it may be
///    that none is left.
/// 4. After `next` gave an attempt, `answered` comes before the next `next`; `push` any time.
class shipper {
public:
  static constexpr std::size_t batch_lines_max = 1000;
  static constexpr std::int64_t retry_rest_ms = 5000;
  static constexpr std::int64_t asked_longest_ms = 3'600'000;

  shipper(std::size_t servers, std::size_t backlog_capacity);

  void push(std::string line);

  struct attempt {
    std::size_t server;
    backlog::batch batch;
  };
  /// What to send now, or nothing.
  std::optional<attempt> next(std::int64_t now_ms);
  verdict_on_batch answered(std::int64_t now_ms, const server_answer& answer);
  /// When `next` is worth asking again; none while there is nothing to send.
  std::optional<std::int64_t> wake_ms() const;
  /// Forgets every rest, for a last try.
  void hurry();

  const backlog& waiting() const { return backlog_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t refused() const { return refused_; }

private:
  void move_on(std::int64_t now_ms, const server_answer& answer);

  backlog backlog_;
  std::vector<std::int64_t> not_before_ms_; // per server: its Retry-After
  std::size_t server_ = 0;
  std::size_t failed_in_turn_ = 0;
  std::int64_t rest_until_ms_ = 0;
  std::size_t lines_max_ = batch_lines_max;
  std::optional<attempt> pending_;
  std::uint64_t delivered_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace tocsin
