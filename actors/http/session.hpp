#pragma once

#include "actors/http/body_charge.hpp"
#include "actors/http/connection_table.hpp"
#include "actors/http/server.hpp"

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

// Private to the server and its sessions.
namespace tocsin::http {

class session;

using session_executor = boost::asio::strand<boost::asio::io_context::executor_type>;
using session_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, session_executor>;

/// The door through which answers from other threads come in. Shared with every responder, so it
/// may outlive the server; closed, before the server's io_context goes, it lets nothing through.
struct answer_gate {
  std::mutex mutex;
  bool open = true;
};

/// What the sessions of one server share. The server owns it; it outlives every session.
struct server_state {
  server_options options;
  doorkeeper admit;
  std::shared_ptr<answer_gate> gate = std::make_shared<answer_gate>();

  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> connections_displaced{0};
  std::atomic<std::uint64_t> handshakes_failed{0};
  std::atomic<std::uint64_t> requests_refused{0};
  std::atomic<std::size_t> bodies_bytes{0};

  std::mutex mutex;
  std::condition_variable emptied;
  connection_table<std::shared_ptr<session>> sessions;
  bool stopping = false;

  void trust(const std::shared_ptr<session>& one);
  void served(const std::shared_ptr<session>& one);
  void forget(const std::shared_ptr<session>& one);
};

/// One connection. `server_state::sessions` owns it until it closes; everything but `executor` and
/// `answer` happens on its executor.
class session {
public:
  virtual ~session() = default;
  virtual const session_executor& executor() const = 0;
  /// Begins to read requests.
  virtual void start() = 0;
  /// Says why it is not served and closes.
  virtual void refuse(const refusal& why) = 0;
  /// Closes now if it rests, else after the answer that is owed.
  virtual void wind_down() = 0;
  /// Closes at once, for the sake of another.
  virtual void give_way() = 0;
  /// Takes the handler's answer to the request.
  virtual void answer(response what) = 0;
};

/// Over TLS where the server has an identity.
std::shared_ptr<session> make_session(session_socket, server_state&, std::shared_ptr<client_share>);
std::shared_ptr<session> make_tls_session(session_socket, server_state&,
                                          std::shared_ptr<client_share>);

/// "127.0.0.1:52814", for the log.
std::string name_of(const session_socket& socket);
/// Whom its connections are counted for: an IPv4 address, or an IPv6 /64.
std::string client_of(const session_socket& socket);

/// Why what came is no request: nothing where the client just went away.
std::optional<refusal> why_unreadable(boost::system::error_code ec, bool timed_out,
                                      std::size_t body_bytes_max, const server_options& options);
refusal too_large(std::size_t body_bytes_max);
/// Why a body is not read on: nothing where it fits.
std::optional<refusal> why_no_room(body_charge::verdict, const server_options& options);

} // namespace tocsin::http
