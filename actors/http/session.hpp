#pragma once

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
#include <unordered_map>

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
  handler handle;
  std::shared_ptr<answer_gate> gate = std::make_shared<answer_gate>();

  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> handshakes_failed{0};
  std::atomic<std::uint64_t> requests_refused{0};
  std::atomic<std::size_t> bodies_bytes{0};

  std::mutex mutex;
  std::condition_variable emptied;
  std::unordered_map<std::shared_ptr<session>, std::string> sessions; ///< and whose they are
  std::unordered_map<std::string, std::size_t> sessions_of;           ///< by client, none is 0
  bool stopping = false;

  void add(const std::shared_ptr<session>& one, const std::string& client); ///< under `mutex`
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
  /// Takes the handler's answer to the request.
  virtual void answer(response what) = 0;
};

/// Over TLS where the server has an identity.
std::shared_ptr<session> make_session(session_socket socket, server_state& state);
std::shared_ptr<session> make_tls_session(session_socket socket, server_state& state);

/// "127.0.0.1:52814", for the log.
std::string name_of(const session_socket& socket);
/// Whom its connections are counted for: an IPv4 address, or an IPv6 /64.
std::string client_of(const session_socket& socket);

/// Why what came is no request: nothing where the client just went away.
std::optional<refusal> why_unreadable(boost::system::error_code ec, bool timed_out,
                                      const server_options& options);

} // namespace tocsin::http
