#include "actors/http/server.hpp"

#include "actors/http/session.hpp"
#include "config/complaint.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace tocsin::http {

namespace {

namespace net = boost::asio;
using boost::system::error_code;

constexpr std::size_t refused_sessions_max = 64; // beyond, connections are closed unanswered
constexpr std::size_t refused_of_client_max = 8;
constexpr std::chrono::milliseconds accept_rest{100};

std::string advice_for(error_code ec) {
  if (ec == net::error::address_in_use) {
    return "another program listens there; stop it, or choose another port with --listen "
           "HOST:PORT (port 0 takes a free one)";
  }
  if (ec == net::error::access_denied) {
    return "ports below 1024 are for root; choose a higher one with --listen HOST:PORT";
  }
  if (ec == boost::system::errc::address_not_available) {
    return "this machine has no such address; 127.0.0.1 is for itself, 0.0.0.0 for all of them";
  }
  return "choose another address with --listen HOST:PORT";
}

error cannot_listen(const listen_address& where, error_code ec) {
  return {
      fmt::format("cannot listen on {}: {}: {}", to_string(where), ec.message(), advice_for(ec))};
}

// The engine starts children (redis-server, node): they must not keep our port or connections.
void close_on_exec(int descriptor) {
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

// Whether connections have what they may have of the descriptors: all but `kept`; or, where others
// took more than that, until the last of these. A new one has the lowest number that is free.
bool is_scarce(int descriptor, std::size_t open, std::size_t kept) {
  rlimit most{};
  if (getrlimit(RLIMIT_NOFILE, &most) != 0 || most.rlim_cur == RLIM_INFINITY) {
    return false;
  }
  const rlim_t left = std::min<rlim_t>(kept, most.rlim_cur / 2);
  return open >= most.rlim_cur - left ||
         static_cast<rlim_t>(descriptor) >= most.rlim_cur - left / 4;
}

} // namespace

struct server::impl {
  explicit impl(server_options options, doorkeeper admit)
      : context(static_cast<int>(options.threads)), acceptor(net::make_strand(context)),
        rest(acceptor.get_executor()) {
    state.options = std::move(options);
    state.admit = std::move(admit);
  }

  error_code bind();
  void accept();
  bool make_room(const std::string& client, bool scarce, std::optional<refusal>& why);
  void admit(session_socket socket);
  void run();
  void stop();

  server_state state; // outlives the sessions, which the context's handlers hold
  net::io_context context;
  net::ip::tcp::acceptor acceptor;
  net::steady_timer rest; // on the acceptor's strand, as everything that accepts
  complaint accepting;
  std::uint16_t port = 0;
  std::vector<std::thread> threads;
  bool stopped = false;
};

error_code server::impl::bind() {
  error_code ec;
  net::ip::tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(state.options.listen.host, std::to_string(state.options.listen.port),
                       net::ip::tcp::resolver::passive, ec);
  if (ec) {
    return ec;
  }
  const net::ip::tcp::endpoint where = found.begin()->endpoint();
  acceptor.open(where.protocol(), ec);
  if (!ec) {
    close_on_exec(acceptor.native_handle());
    // Takes a port over from connections in TIME_WAIT, never from another listener.
    acceptor.set_option(net::socket_base::reuse_address(true), ec);
    acceptor.bind(where, ec);
  }
  if (!ec) {
    acceptor.listen(net::socket_base::max_listen_connections, ec);
  }
  if (!ec) {
    port = acceptor.local_endpoint(ec).port();
  }
  return ec;
}

void server::impl::accept() {
  acceptor.async_accept(net::make_strand(context), [this](error_code ec, session_socket socket) {
    if (ec == net::error::operation_aborted || !acceptor.is_open()) {
      return;
    }
    using namespace std::chrono;
    const auto now_ms = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    if (!ec) {
      if (accepting.works(now_ms))
        spdlog::info("http: connections are accepted again");
      close_on_exec(socket.native_handle());
      admit(std::move(socket));
      return accept();
    }
    if (accepting.fails(ec.message(), now_ms))
      spdlog::warn("http: cannot accept a connection: {}", ec.message());
    rest.expires_after(accept_rest); // out of file descriptors, say: no busy loop
    rest.async_wait([this](error_code aborted) {
      if (!aborted) {
        accept();
      }
    });
  });
}

// Closes whom another connection of this client displaces, and says why that one is not served.
// False: not even that is said. Under the lock.
bool server::impl::make_room(const std::string& client, bool scarce, std::optional<refusal>& why) {
  using place = decltype(state.sessions)::place;
  const auto& options = state.options;
  auto found = state.sessions.make_room(
      client, {options.connections_max, options.connections_per_address_max}, scarce);
  state.connections_displaced.fetch_add(found.leaving.size(), std::memory_order_relaxed);
  for (auto& one : found.leaving) {
    const auto executor = one->executor();
    net::post(executor, [one = std::move(one)] { one->give_way(); });
  }
  if (found.what == place::free) {
    return true;
  }
  state.connections_refused.fetch_add(1, std::memory_order_relaxed);
  why = found.what == place::full
            ? refusal{503, "overloaded", "the server has as many connections as it takes"}
            : refusal{429, "too-many-connections",
                      fmt::format("this address has {} connections open; use them again",
                                  options.connections_per_address_max)};
  return !scarce && !options.tls && state.sessions.refused() < refused_sessions_max &&
         state.sessions.refused_of(client) < refused_of_client_max;
}

void server::impl::admit(session_socket socket) {
  state.connections.fetch_add(1, std::memory_order_relaxed);
  const std::string client = client_of(socket);
  std::shared_ptr<session> one;
  std::optional<refusal> why;
  {
    std::lock_guard lock(state.mutex);
    const bool scarce =
        is_scarce(socket.native_handle(), state.sessions.open(), state.options.descriptors_kept);
    if (state.stopping || !make_room(client, scarce, why)) {
      return;
    }
    auto share = state.sessions.share_of(client);
    one = state.options.tls ? make_tls_session(std::move(socket), state, share)
                            : make_session(std::move(socket), state, share);
    why ? state.sessions.add_refused(one, client, std::move(share))
        : state.sessions.add(one, client, std::move(share));
  }
  const auto executor = one->executor();
  net::post(executor, [one = std::move(one), why = std::move(why)] {
    why ? one->refuse(*why) : one->start();
  });
}

void server::impl::run() {
  accept();
  for (unsigned i = 0; i < std::max(1u, state.options.threads); ++i) {
    threads.emplace_back([this] {
      const auto work = net::make_work_guard(context);
      context.run();
    });
  }
}

void server::impl::stop() {
  if (stopped) {
    return;
  }
  stopped = true;
  net::post(acceptor.get_executor(), [this] {
    error_code ec;
    acceptor.close(ec);
    rest.cancel();
  });
  {
    std::unique_lock lock(state.mutex);
    state.stopping = true;
    state.sessions.for_each(
        [](const auto& one) { net::post(one->executor(), [one] { one->wind_down(); }); });
    const bool all = state.emptied.wait_for(lock, state.options.stop_timeout,
                                            [this] { return state.sessions.empty(); });
    if (!all) {
      spdlog::warn("http: stopped with {} connections open", state.sessions.size());
    }
  }
  {
    std::lock_guard lock(state.gate->mutex);
    state.gate->open = false;
  }
  context.stop();
  for (auto& thread : threads) {
    thread.join();
  }
  state.sessions.clear();
}

result<std::unique_ptr<server>> server::listen(server_options options, handler handle) {
  return listen(std::move(options), [handle = std::move(handle)](const request&) {
    return admission{.handle = handle, .known = true};
  });
}

result<std::unique_ptr<server>> server::listen(server_options options, doorkeeper admit) {
  auto inside = std::make_unique<impl>(std::move(options), std::move(admit));
  if (const error_code ec = inside->bind()) {
    return cannot_listen(inside->state.options.listen, ec);
  }
  inside->run();
  return std::unique_ptr<server>(new server(std::move(inside)));
}

server::server(std::unique_ptr<impl> inside) : impl_(std::move(inside)) {}

server::~server() {
  stop();
}

std::uint16_t server::port() const {
  return impl_->port;
}

std::string server::address() const {
  return to_string(listen_address{impl_->state.options.listen.host, impl_->port});
}

server_counts server::counts() const {
  auto& state = impl_->state;
  server_counts counts{.requests = state.requests,
                       .connections = state.connections,
                       .connections_refused = state.connections_refused,
                       .connections_displaced = state.connections_displaced,
                       .handshakes_failed = state.handshakes_failed,
                       .requests_refused = state.requests_refused};
  std::lock_guard lock(state.mutex);
  counts.connections_open = state.sessions.open();
  return counts;
}

void server::stop() {
  impl_->stop();
}

} // namespace tocsin::http
