#include "streams/redis/tls.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

namespace tocsin::redis {

namespace {

std::string openssl_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "TLS failed" : reason;
}

int send_without_signal(BIO* bio, const char* data, int size) {
  int fd = -1;
  BIO_get_fd(bio, &fd);
  BIO_clear_retry_flags(bio);
  const auto n = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n <= 0 && BIO_sock_should_retry(static_cast<int>(n)) != 0)
    BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

// OpenSSL's socket BIO, but for one thing: its write() raises SIGPIPE where the peer is gone, and
// ignoring that signal is up to the process, not to a library in it.
BIO_METHOD* make_socket_method() {
  const BIO_METHOD* base = BIO_s_socket();
  BIO_METHOD* m = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
  if (m == nullptr)
    return nullptr;
  BIO_meth_set_write(m, send_without_signal);
  BIO_meth_set_read(m, BIO_meth_get_read(base));
  BIO_meth_set_ctrl(m, BIO_meth_get_ctrl(base));
  BIO_meth_set_create(m, BIO_meth_get_create(base));
  BIO_meth_set_destroy(m, BIO_meth_get_destroy(base));
  return m;
}

// Puts every certificate of a PEM text into the store.
status trust_only(SSL_CTX* ctx, const std::string& authorities) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size())), BIO_free);
  std::size_t read = 0;
  while (X509* one = text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr) : nullptr) {
    ++read;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), one); // that it is there already is fine
    X509_free(one);
  }
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const bool at_end = ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  return read > 0 && at_end ? status(done{})
                            : error{"option `tls.ca` holds a certificate that cannot be read"};
}

SSL_CTX* make_context() {
  SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
  if (ctx == nullptr)
    return nullptr;
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return ctx;
}

status set_trust(SSL_CTX* ctx, const tls_terms& terms) {
  SSL_CTX_set_verify(ctx, terms.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!terms.authorities.empty())
    return trust_only(ctx, terms.authorities);
  SSL_CTX_set_default_verify_paths(ctx);
  return done{};
}

bool expect_host(SSL* ssl, const std::string& host) {
  unsigned char binary[sizeof(in6_addr)];
  if (::inet_pton(AF_INET, host.c_str(), binary) == 1 ||
      ::inet_pton(AF_INET6, host.c_str(), binary) == 1)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
}

} // namespace

result<std::unique_ptr<tls_session>> tls_session::create(int fd, const std::string& host,
                                                         const tls_terms& terms) {
  static BIO_METHOD* const method = make_socket_method(); // for the life of the process
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> ctx(make_context(), SSL_CTX_free);
  if (!ctx)
    return error{openssl_reason()};
  if (auto trusts = set_trust(ctx.get(), terms); !trusts)
    return trusts.failure();
  SSL* ssl = SSL_new(ctx.get()); // keeps a reference of its own
  if (ssl == nullptr)
    return error{openssl_reason()};
  std::unique_ptr<tls_session> session(new tls_session(ssl));
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr)
    return error{openssl_reason()};
  BIO_set_fd(bio, fd, BIO_NOCLOSE);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_connect_state(ssl);
  if (!expect_host(ssl, terms.server_name.empty() ? host : terms.server_name))
    return error{openssl_reason()};
  return session;
}

tls_session::~tls_session() {
  SSL_free(ssl_);
}

result<io_step> tls_session::outcome(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
  case SSL_ERROR_NONE:
    return io_step{static_cast<std::size_t>(std::max(returned, 0)), false, false};
  case SSL_ERROR_WANT_READ:
    return io_step{0, true, false};
  case SSL_ERROR_WANT_WRITE:
    return io_step{0, false, true};
  case SSL_ERROR_ZERO_RETURN:
    return error{"the server closed the connection"};
  case SSL_ERROR_SYSCALL:
    if (ERR_peek_error() == 0)
      return error{errno != 0 ? std::strerror(errno) : "the server closed the connection"};
    return error{openssl_reason()};
  default:
    if (const auto verdict = SSL_get_verify_result(ssl_);
        verdict != X509_V_OK && SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE)
      return error{fmt::format("the certificate was refused: {} (SSL_CERT_FILE names other "
                               "authorities to trust, and so does `tls.ca` of REDIS_OPTIONS)",
                               X509_verify_cert_error_string(verdict))};
    return error{openssl_reason()};
  }
}

result<io_step> tls_session::handshake() {
  ERR_clear_error();
  errno = 0;
  const int n = SSL_do_handshake(ssl_);
  return n == 1 ? result<io_step>(io_step{}) : outcome(n);
}

result<io_step> tls_session::send(std::string_view bytes) {
  ERR_clear_error();
  errno = 0;
  const auto size = std::min<std::size_t>(bytes.size(), INT_MAX);
  return outcome(SSL_write(ssl_, bytes.data(), static_cast<int>(size)));
}

result<io_step> tls_session::receive(std::span<char> into) {
  ERR_clear_error();
  errno = 0;
  const auto size = std::min<std::size_t>(into.size(), INT_MAX);
  return outcome(SSL_read(ssl_, into.data(), static_cast<int>(size)));
}

} // namespace tocsin::redis
