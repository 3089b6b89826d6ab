#include "actors/http/session.hpp"

#include "actors/http/connection.hpp"

#include <boost/asio/ip/address.hpp>

namespace tocsin::http {

namespace {

class plain_transport {
public:
  static constexpr bool tls = false;
  plain_transport(session_socket socket, const server_state&) : socket_(std::move(socket)) {}
  session_socket& socket() { return socket_; }
  const session_socket& socket() const { return socket_; }
  session_socket& stream() { return socket_; }

private:
  session_socket socket_;
};

} // namespace

std::shared_ptr<session> make_session(session_socket socket, server_state& state,
                                      std::shared_ptr<client_share> client) {
  return std::make_shared<connection<plain_transport>>(std::move(socket), state, std::move(client));
}

void server_state::trust(const std::shared_ptr<session>& one) {
  const std::lock_guard lock(mutex);
  sessions.trust(one);
}

void server_state::served(const std::shared_ptr<session>& one) {
  const std::lock_guard lock(mutex);
  sessions.served(one);
}

void server_state::forget(const std::shared_ptr<session>& one) {
  const std::lock_guard lock(mutex);
  sessions.remove(one);
  if (sessions.empty()) {
    emptied.notify_all();
  }
}

std::string name_of(const session_socket& socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  return ec ? "unknown" : to_string(listen_address{peer.address().to_string(), peer.port()});
}

std::string client_of(const session_socket& socket) {
  error_code ec;
  const auto address = socket.remote_endpoint(ec).address();
  if (address.is_v4()) {
    return address.to_string();
  }
  if (address.to_v6().is_v4_mapped()) {
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.begin() + 8};
}

refusal too_large(std::size_t body_bytes_max) {
  return {413, "too-large",
          fmt::format("the body is larger than {} bytes; send it in parts", body_bytes_max)};
}

std::optional<refusal> why_no_room(body_charge::verdict what, const server_options& options) {
  switch (what) {
  case body_charge::verdict::too_much:
    return refusal{503, "overloaded", "the server holds as many unanswered bodies as it takes"};
  case body_charge::verdict::too_much_of_client:
    return refusal{429, "too-many-bodies",
                   fmt::format("the server holds {} bytes of unanswered bodies of this address, "
                               "which is its share; wait for answers",
                               options.bodies_per_address_bytes_max)};
  case body_charge::verdict::fits:
    break;
  }
  return std::nullopt;
}

std::optional<refusal> why_unreadable(error_code ec, bool timed_out, std::size_t body_bytes_max,
                                      const server_options& options) {
  using beast::http::error;
  if (timed_out) {
    return refusal{
        408, "timeout",
        fmt::format("the request did not arrive whole within {} ms", options.read_timeout.count())};
  }
  if (ec == error::body_limit) {
    return too_large(body_bytes_max);
  }
  if (ec == error::header_limit || ec == error::buffer_overflow) {
    return refusal{
        431, "headers-too-large",
        fmt::format("request line and headers are larger than {} bytes", options.header_bytes_max)};
  }
  const bool of_http = ec.category() == make_error_code(error::bad_method).category();
  if (ec == error::end_of_stream || !of_http) {
    return std::nullopt;
  }
  if (ec == error::partial_message) {
    return refusal{400, "truncated", "the request ended before it was whole"};
  }
  return refusal{400, "bad-request", fmt::format("this is no HTTP/1.1 request: {}", ec.message())};
}

} // namespace tocsin::http
