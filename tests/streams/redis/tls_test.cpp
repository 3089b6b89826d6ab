#include "tests/support/redis_fixture.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace tocsin::redis::tls_test {

using test::redis_server;

namespace {

/// A server with a certificate for "localhost" and 127.0.0.1, signed by itself.
class tls_test : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new test::temp_folder;
    const auto command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tocsin-test -addext "
        "subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
        key() + " -out " + certificate() + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    port = test::free_port();
    server = new redis_server({"--tls-port", std::to_string(port), "--tls-cert-file", certificate(),
                               "--tls-key-file", key(), "--tls-ca-cert-file", certificate(),
                               "--tls-auth-clients", "no"});
  }
  static void TearDownTestSuite() {
    delete server;
    delete folder;
  }
  void SetUp() override { ::setenv("SSL_CERT_FILE", certificate().c_str(), 1); }
  void TearDown() override { ::unsetenv("SSL_CERT_FILE"); }

  static std::string key() { return folder->path() + "/key.pem"; }
  static std::string certificate() { return folder->path() + "/cert.pem"; }
  static redis_address address(const std::string& host) {
    redis_address a;
    a.via = redis_address::transport::tls;
    a.host = host;
    a.port = port;
    return a;
  }

  inline static test::temp_folder* folder = nullptr;
  inline static redis_server* server = nullptr;
  inline static std::uint16_t port = 0;
};

} // namespace

TEST_F(tls_test, talks_to_a_server_whose_certificate_is_trusted_by_name_or_by_ip) {
  for (const char* host : {"localhost", "127.0.0.1"}) {
    auto c = redis_server::connect(address(host));
    const std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 20; ++i)
      c.append({"ECHO", megabyte});
    auto replies = c.flush();
    ASSERT_TRUE(replies.ok()) << replies.failure().message;
    EXPECT_EQ(replies->back().text, megabyte);
  }
}

TEST_F(tls_test, refuses_a_certificate_of_an_unknown_authority) {
  ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  auto c = connection::open(address("localhost"));
  ASSERT_FALSE(c.ok());
  EXPECT_NE(c.failure().message.find("certificate was refused"), std::string::npos)
      << c.failure().message;
}

TEST_F(tls_test, refuses_a_certificate_for_another_host) {
  auto c = connection::open(address("127.0.0.2"));
  ASSERT_FALSE(c.ok());
  EXPECT_NE(c.failure().message.find("IP address mismatch"), std::string::npos)
      << c.failure().message;
}

TEST_F(tls_test, trusts_the_authorities_that_it_is_given_instead_of_the_systems) {
  ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  std::ostringstream pem;
  pem << std::ifstream(certificate()).rdbuf();
  auto a = address("localhost");
  a.tls.authorities = pem.str();
  EXPECT_TRUE(connection::open(a).ok());
  a.tls.server_name = "elsewhere.example";
  auto c = connection::open(a);
  ASSERT_FALSE(c.ok());
  EXPECT_NE(c.failure().message.find("ostname mismatch"), std::string::npos) << c.failure().message;
  a.host = "127.0.0.1";
  a.tls.server_name = "localhost";
  EXPECT_TRUE(connection::open(a).ok());
  a.tls.authorities = "-----BEGIN CERTIFICATE-----\nMII\n";
  c = connection::open(a);
  ASSERT_FALSE(c.ok());
  EXPECT_NE(c.failure().message.find("`tls.ca` holds a certificate that cannot be read"),
            std::string::npos)
      << c.failure().message;
}

TEST_F(tls_test, checks_nothing_only_where_that_is_asked_for) {
  ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  auto a = address("127.0.0.1");
  a.tls.server_name = "elsewhere.example";
  EXPECT_FALSE(connection::open(a).ok());
  a.tls.verify = false;
  EXPECT_TRUE(connection::open(a).ok());
}

TEST_F(tls_test, a_port_without_tls_is_an_error_and_no_hang) {
  const auto plain_port = test::free_port();
  redis_server plain({"--port", std::to_string(plain_port)});
  auto a = address("localhost");
  a.port = plain_port;
  a.connect_timeout_ms = 1'000;
  EXPECT_FALSE(connection::open(a).ok());
}

TEST_F(tls_test, a_plain_connection_to_a_tls_port_is_an_error_and_no_hang) {
  redis_address a;
  a.port = port;
  a.connect_timeout_ms = 1'000;
  EXPECT_FALSE(connection::open(a).ok());
}

TEST_F(tls_test, writing_to_a_server_that_is_gone_is_an_error_and_no_signal) {
  auto c = redis_server::connect(address("localhost"));
  server->kill();
  const std::string megabyte(1 << 20, 'x');
  EXPECT_FALSE(c.call({"SET", "k", megabyte}).ok());
  EXPECT_TRUE(c.broken());
  delete server;
  server = nullptr;
}

} // namespace tocsin::redis::tls_test
