#include "actors/http/connection.hpp"

#include <boost/asio/ssl.hpp>

namespace tocsin::http {

namespace {

// Asio's context around ours, which it would free: so it gets a reference of its own.
net::ssl::context context_of(const tls_identity& identity) {
  const auto shared = identity.context();
  SSL_CTX_up_ref(shared.get());
  return net::ssl::context(shared.get());
}

class tls_transport {
public:
  static constexpr bool tls = true;
  tls_transport(session_socket socket, const server_state& state)
      : context_(context_of(*state.options.tls)), stream_(std::move(socket), context_) {}
  session_socket& socket() { return stream_.next_layer(); }
  const session_socket& socket() const { return stream_.next_layer(); }
  net::ssl::stream<session_socket>& stream() { return stream_; }

  // Looks at the first byte before it is read: a TLS record begins with 22, a request of plain HTTP
  // with a letter.
  template <class Done>
  void greet(Done done) {
    socket().async_receive(net::buffer(&first_, 1), net::socket_base::message_peek,
                           [this, done = std::move(done)](error_code ec, std::size_t) mutable {
                             if (ec || (first_ >= 'A' && first_ <= 'Z')) {
                               return done(ec, !ec);
                             }
                             shake_hands(std::move(done));
                           });
  }

  // Says so to the client; what the client says to that, if anything, is of no matter.
  template <class Done>
  void end(Done done) {
    stream_.async_shutdown([done = std::move(done)](error_code) { done(); });
  }

private:
  template <class Done>
  void shake_hands(Done done) {
    stream_.async_handshake(net::ssl::stream_base::server,
                            [done = std::move(done)](error_code ec) mutable { done(ec, false); });
  }

  net::ssl::context context_; // what a connection began with it keeps
  net::ssl::stream<session_socket> stream_;
  char first_ = 0;
};

} // namespace

std::shared_ptr<session> make_tls_session(session_socket socket, server_state& state,
                                          std::shared_ptr<client_share> client) {
  return std::make_shared<connection<tls_transport>>(std::move(socket), state, std::move(client));
}

} // namespace tocsin::http
