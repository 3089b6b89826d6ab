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
#include <unordered_set>

// Private to server.cpp and session.cpp.
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
  std::atomic<std::uint64_t> requests_refused{0};
  std::atomic<std::size_t> bodies_bytes{0};

  std::mutex mutex;
  std::condition_variable emptied;
  std::unordered_set<std::shared_ptr<session>> sessions;
  bool stopping = false;
};

/// One connection. `server_state::sessions` owns it until it closes; everything but `executor` and
/// `answer` happens on its executor.
class session {
public:
  virtual ~session() = default;
  virtual const session_executor& executor() const = 0;
  /// Begins to read requests.
  virtual void start() = 0;
  /// Says 503 and closes.
  virtual void refuse() = 0;
  /// Closes now if it rests, else after the answer that is owed.
  virtual void wind_down() = 0;
  /// Takes the handler's answer to the request.
  virtual void answer(response what) = 0;
};

std::shared_ptr<session> make_session(session_socket socket, server_state& state);

} // namespace tocsin::http
