#pragma once

#include "actors/http/message.hpp"

#include <functional>

namespace tocsin::http {

/// The duty to answer one request. Whoever holds it owns that duty.
///
/// 1. Moves, never copies; `send` may be called from any thread, and once.
/// 2. Dropped without an answer it sends a 500 itself: no client waits for ever.
/// 3. It may outlive its connection and its server; the answer is discarded then.
class responder {
public:
  using sink = std::function<void(response)>;

  responder() = default;
  explicit responder(sink to) : sink_(std::move(to)) {}
  responder(responder&& other) noexcept : sink_(std::exchange(other.sink_, nullptr)) {}
  responder& operator=(responder&& other) noexcept;
  ~responder() { drop(); }

  void send(response answer);
  void send(const refusal& why) { send(to_response(why)); }
  /// Whether an answer is still owed.
  explicit operator bool() const noexcept { return static_cast<bool>(sink_); }

private:
  void drop() noexcept;
  sink sink_;
};

/// Called on the server's threads: it must not block for long. It may answer at once or pass the
/// responder on.
using handler = std::function<void(request, responder)>;

} // namespace tocsin::http
