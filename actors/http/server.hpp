#pragma once

#include "actors/http/address.hpp"
#include "actors/http/admission.hpp"
#include "actors/http/tls_identity.hpp"
#include "config/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tocsin::http {

struct server_options {
  listen_address listen{"127.0.0.1", 9480};
  /// Threads that read, call handlers and write. One is enough for 100,000 small requests/s.
  unsigned threads = 1;
  /// Request line and headers together, in bytes; more is answered with 431.
  std::size_t header_bytes_max = 16u << 10;
  /// One body as sent, in bytes; more is answered with 413.
  std::size_t body_bytes_max = 16u << 20;
  /// All bodies being read or not answered yet, in bytes; more is answered with 503.
  std::size_t bodies_bytes_max = 256u << 20;
  /// Of these, from one address (of IPv6: from one /64), in bytes; more is answered with 429.
  std::size_t bodies_per_address_bytes_max = 128u << 20;
  /// Open connections. For one more, one goes that has not shown that it may do anything
  /// (admission::known); where all have, it is answered with 503 and closed. Each costs about 68
  /// KiB while it rests: 1,024 of them 68 MiB, beside bodies_bytes_max.
  std::size_t connections_max = 1024;
  /// Of these, from one address, in the same way, with 429. Half, so that no client alone can shut
  /// out all others. Behind a proxy raise it to the whole, as bodies_per_address_bytes_max.
  std::size_t connections_per_address_max = 512;
  /// File descriptors that connections leave to others (Redis, hooks, sinks), of those that the
  /// process may have; half of them where it may have fewer than twice as many.
  std::size_t descriptors_kept = 128;
  /// Where set, TLS is spoken. A connection costs some 70 KiB more then, and one that is refused
  /// is closed without an answer. Plain HTTP is answered with 400, in clear.
  std::shared_ptr<const tls_identity> tls = nullptr;
  /// Tells browsers to ask this host over TLS only from then on (HSTS); with TLS.
  bool strict_transport = true;
  /// How long the TLS handshake may take, from the first byte.
  std::chrono::milliseconds handshake_timeout{10'000};
  /// How long a connection may rest between two requests.
  std::chrono::milliseconds idle_timeout{60'000};
  /// How long the headers, then the body, may take to arrive whole, and an answer to be taken.
  std::chrono::milliseconds read_timeout{30'000};
  /// How long what a refused client still sends is read and thrown away, so that it sees the
  /// answer and not a reset.
  std::chrono::milliseconds linger_timeout{5'000};
  /// How long `stop` waits for answers that are still owed.
  std::chrono::milliseconds stop_timeout{800};
};

/// What the server counted since its start; for /metrics.
struct server_counts {
  std::uint64_t requests = 0;              ///< handed to the handler
  std::uint64_t connections = 0;           ///< accepted, ever
  std::uint64_t connections_open = 0;      ///< now
  std::uint64_t connections_refused = 0;   ///< by connections_max or connections_per_address_max
  std::uint64_t connections_displaced = 0; ///< closed to make room for another
  std::uint64_t handshakes_failed = 0;     ///< TLS: broken, too slow, or no TLS at all
  std::uint64_t requests_refused = 0;      ///< by the server itself: 400, 408, 413, 429, 431, 503
};

/// An HTTP/1.1 server on its own threads, for one doorkeeper (see router). It owns its threads, its
/// connections and the doorkeeper.
///
/// 1. `listen` gives a server that is bound and serving, or says why not. With a handler alone,
///    everything is admitted to it.
/// 2. The doorkeeper is asked when the headers of a request are there, and no body that it refuses
///    is read. Handlers are called from the server's threads, for one request of a connection at a
///    time; pipelined requests wait, and are answered in order. What they throw is logged and
///    answered with 500.
/// 3. Everything is bounded by server_options; what is refused gets an answer by name, in the JSON
///    shape of `refusal`, which the client sees even if it is still sending.
/// 4. An answer that goes on (response::stream) keeps its connection, and its place among those
///    that are allowed, until either side ends it. It may rest for as long as it likes; a piece of
///    it must be taken within read_timeout. A client that goes away is noticed at once.
/// 5. `stop` takes no new connections, closes the resting ones, ends answers that go on, waits at
///    most stop_timeout for the answers still owed, and returns with all threads ended. Idempotent;
///    not from a handler.
class server {
public:
  static result<std::unique_ptr<server>> listen(server_options options, doorkeeper admit);
  static result<std::unique_ptr<server>> listen(server_options options, handler handle);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The port in use, also where port 0 was asked for.
  std::uint16_t port() const;
  /// "127.0.0.1:9480".
  std::string address() const;
  server_counts counts() const;
  void stop();

private:
  struct impl;
  explicit server(std::unique_ptr<impl> inside);
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::http
