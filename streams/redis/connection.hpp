#pragma once

#include "config/redis_address.hpp"
#include "streams/redis/reply.hpp"
#include "streams/redis/transport.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// The words of one command, binary-safe.
using command = std::span<const std::string_view>;

/// Called once, in the middle of a wait, when no answer came within `after_ms`; then the wait goes
/// on. Redis ends a BLOCK up to 100 ms late (it looks ten times a second): who wants to be woken in
/// time writes what is waited for, over another connection.
struct wait_nudge {
  std::int64_t after_ms = 0;
  std::function<void()> then;
};

/// A connection to one Redis, logged in and on its database. Owns its socket.
///
/// 1. For one thread at a time; every call blocks until its answer, at most its timeout.
/// 2. After an I/O error, a protocol error or a timeout it is `broken`: every further call fails at
///    once, and its owner opens a new one. What happened to the commands in flight is unknown, so
///    whatever is sent again must be idempotent. Nothing is retried in here.
/// 3. An error *reply* leaves it sound.
/// 4. Memory: what is appended and not flushed, and the replies of one flush. Senders keep a
///    pipeline below `pipeline_bytes_max`; an array of more than 16 Mi elements is a protocol
///    error.
class connection {
public:
  /// Default for calls that name no timeout.
  static constexpr std::int64_t default_timeout_ms = 10'000;
  /// Bytes that a sender may put into one pipeline before it flushes.
  static constexpr std::size_t pipeline_bytes_max = std::size_t{8} << 20;

  /// Connects within `address.connect_timeout_ms`, then AUTH, SELECT, CLIENT SETNAME. A Redis that
  /// is still loading its data is open (its commands answer LOADING). Errors name the address
  /// (without secrets), what was refused and what to do.
  static result<connection> open(const redis_address& address,
                                 std::string_view client_name = "tocsin");

  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;
  ~connection();

  /// One command, one answer. An error reply is a failure here, its message ending with what Redis
  /// said; `broken` tells it from a lost connection.
  result<reply> call(command words);
  result<reply> call(command words, std::int64_t timeout_ms);
  result<reply> call(std::initializer_list<std::string_view> words);
  result<reply> call(std::initializer_list<std::string_view> words, std::int64_t timeout_ms);

  /// The same, but an error reply is a value: failures are lost connections only.
  result<reply> exchange(command words);
  result<reply> exchange(command words, std::int64_t timeout_ms);
  result<reply> exchange(std::initializer_list<std::string_view> words);

  /// For commands that block in Redis (XREAD BLOCK): nothing if no answer came within
  /// `timeout_ms` of this machine's monotonic clock, and then the connection is broken, for the
  /// answer may still come. BLOCK follows Redis's wall clock, so leave it some slack.
  result<std::optional<reply>> exchange_or_stall(command words, std::int64_t timeout_ms,
                                                 const wait_nudge& nudge = {});

  /// Pipelining: puts a command into the buffer, sends nothing.
  void append(command words);
  void append(std::initializer_list<std::string_view> words);
  /// Sends what was appended and gives one reply per command, error replies as values.
  result<std::vector<reply>> flush();
  result<std::vector<reply>> flush(std::int64_t timeout_ms);
  /// Sends what was appended without waiting for the replies: receive() gives them one by one, in
  /// order. Until the last was received nothing else may be done but appending and sending more.
  status send();
  result<reply> receive();
  /// Bytes appended and not flushed.
  std::size_t pending_bytes() const noexcept;

  /// Redis's own clock (TIME), in ms.
  result<std::int64_t> server_time_ms();

  bool broken() const noexcept;
  /// The address as it may be shown: no secrets.
  const std::string& where() const noexcept;
  /// Replaces `default_timeout_ms` for this connection.
  void set_timeout_ms(std::int64_t timeout_ms) noexcept;
  /// Breaks the connection at answers (all that one flush awaits) of more bytes, rather than
  /// holding what somebody else stored; 0: there is no bound.
  void set_answer_bytes_max(std::size_t bytes) noexcept;
  /// Whether that is why it is broken.
  bool answer_was_too_large() const noexcept;

private:
  struct state;
  explicit connection(std::unique_ptr<state> s) noexcept;
  status log_in(const redis_address& address, std::string_view client_name, deadline until);
  result<std::vector<reply>> flush_until(deadline until);
  error broken_error() const;
  bool pump_or_break(deadline until, std::size_t& sent, std::size_t wanted);
  void release_sent();

  std::unique_ptr<state> state_;
};

/// The reply to TIME in ms; nothing where it is none.
std::optional<std::int64_t> time_reply_ms(const reply& r);
/// "WHERE: WHAT: what Redis said", for an error reply that is a failure to its caller.
error reply_error(const connection& c, std::string_view what, const reply& r);
/// The same for a reply of a shape that was not expected.
error shape_error(const connection& c, std::string_view what);

} // namespace tocsin::redis
