#include "actors/http/client.hpp"

#include "tests/actors/http/certificate.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace tocsin::http::tls_client_test {
namespace {

std::string authority_path() {
  return testing::TempDir() + "authority_" + std::to_string(getpid()) + ".pem";
}

/// Answers one TLS connection with "ok", if the client likes its certificate.
class tls_server {
public:
  /// `asks`: for a certificate of the client's, without which it hangs up.
  explicit tls_server(const char* name, bool asks = false)
      : asks_(asks), key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
        certificate_(certify(key_.get(), name)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&at), size);
    ::listen(socket_, 1);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~tls_server() {
    thread_.join();
    ::close(socket_);
  }

  std::string port() const { return std::to_string(port_); }

  /// Whether it was shown this certificate; the answer must have come.
  bool was_shown(const X509* wanted) const { return shown_ && X509_cmp(shown_.get(), wanted) == 0; }

  /// Makes the certificate one that the clients of this process trust.
  void become_authority() const { ::setenv("SSL_CERT_FILE", write_authority().c_str(), 1); }

  /// The file that its certificate is in now.
  std::string write_authority() const {
    const auto path = authority_path();
    std::FILE* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
    return path;
  }

private:
  void serve() {
    pollfd one{socket_, POLLIN, 0};
    if (::poll(&one, 1, 60'000) <= 0) {
      return;
    }
    const int connection = ::accept(socket_, nullptr, nullptr);
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate_.get());
    SSL_CTX_use_PrivateKey(context, key_.get());
    if (asks_)
      SSL_CTX_set_cert_verify_callback(
          context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
    SSL_CTX_set_verify(context, asks_ ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0,
                       nullptr);
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, connection);
    char bytes[4096];
    if (SSL_accept(tls) == 1 && SSL_read(tls, bytes, sizeof bytes) > 0) {
      shown_.reset(SSL_get1_peer_certificate(tls));
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
    }
    SSL_free(tls);
    SSL_CTX_free(context);
    ::close(connection);
  }

  const bool asks_;
  key_ptr key_;
  certificate_ptr certificate_, shown_{nullptr, X509_free};
  int socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

result<client_response> ask(const std::string& host, const tls_server& server) {
  client tests;
  return tests.request("GET", "https://" + host + ":" + server.port() + "/", {}, "", 60'000);
}

class tls_client : public testing::Test {
protected:
  tls_client() {
    std::signal(SIGPIPE, SIG_IGN); // of the server, whose client hangs up
    ::unsetenv("SSL_CERT_FILE");   // of whoever runs the tests: not ours to use, nor to remove
  }
  ~tls_client() override {
    std::remove(authority_path().c_str());
    ::unsetenv("SSL_CERT_FILE");
  }
};

TEST_F(tls_client, talks_to_a_server_whose_certificate_it_trusts) {
  const tls_server server("IP:127.0.0.1");
  server.become_authority();
  const auto answer = ask("127.0.0.1", server);
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(answer->body, "ok");
}

TEST_F(tls_client, trusts_the_authorities_of_its_file_and_no_others) {
  const tls_server server("IP:127.0.0.1");
  const std::string url = "https://127.0.0.1:" + server.port() + "/";
  client tests({.ca_file = server.write_authority()});
  const auto answer = tests.request("GET", url, {}, "", 60'000);
  ASSERT_TRUE(answer) << answer.failure().message;
  const tls_server other("IP:127.0.0.1");
  const auto refused =
      tests.request("GET", "https://127.0.0.1:" + other.port() + "/", {}, "", 60'000);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.failure().message.find("self-signed certificate"), std::string::npos)
      << refused.failure().message;
}

TEST_F(tls_client, shows_its_certificate_to_a_server_that_asks_for_one) {
  const key_ptr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const auto own = certify(key.get(), "DNS:client");
  const auto cert_file = testing::TempDir() + "client_" + std::to_string(getpid()) + ".pem";
  const auto key_file = cert_file + ".key";
  std::FILE* out = std::fopen(cert_file.c_str(), "w");
  PEM_write_X509(out, own.get());
  std::fclose(out);
  out = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  for (const bool shows : {true, false}) {
    const tls_server server("IP:127.0.0.1", true);
    client tests({.ca_file = server.write_authority(),
                  .cert_file = shows ? cert_file : "",
                  .key_file = shows ? key_file : ""});
    const auto answer =
        tests.request("GET", "https://127.0.0.1:" + server.port() + "/", {}, "", 60'000);
    EXPECT_EQ(bool(answer), shows);
    EXPECT_EQ(server.was_shown(own.get()), shows);
  }
  const tls_server server("IP:127.0.0.1", true);
  client wrong(
      {.ca_file = server.write_authority(), .cert_file = cert_file, .key_file = cert_file});
  const auto answer =
      wrong.request("GET", "https://127.0.0.1:" + server.port() + "/", {}, "", 60'000);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("the key in " + cert_file), std::string::npos)
      << answer.failure().message;
  std::remove(cert_file.c_str());
  std::remove(key_file.c_str());
}

TEST_F(tls_client, says_that_its_file_of_authorities_cannot_be_read) {
  const tls_server server("IP:127.0.0.1");
  client tests({.ca_file = "/nowhere/ca.pem"});
  const auto answer =
      tests.request("GET", "https://127.0.0.1:" + server.port() + "/", {}, "", 60'000);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("/nowhere/ca.pem"), std::string::npos)
      << answer.failure().message;
}

TEST_F(tls_client, refuses_a_certificate_that_no_authority_signed) {
  const tls_server server("IP:127.0.0.1");
  const auto answer = ask("127.0.0.1", server);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("certificate verify failed"), std::string::npos)
      << answer.failure().message;
}

TEST_F(tls_client, refuses_a_trusted_certificate_for_another_name) {
  const tls_server server("DNS:other.example");
  server.become_authority();
  const auto answer = ask("127.0.0.1", server);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("certificate verify failed"), std::string::npos)
      << answer.failure().message;
}

} // namespace
} // namespace tocsin::http::tls_client_test
