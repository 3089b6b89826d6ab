#include "actors/http/client.hpp"
#include "actors/http/server.hpp"

#include "tests/actors/http/certificate.hpp"
#include "tests/actors/http/raw_connection.hpp"

#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <thread>

namespace tocsin::http::tls_server_test {
namespace {

using namespace std::chrono_literals;

// What comes before the wrong part of a handshake: the head of a record that promises 512 bytes.
constexpr std::string_view begun_hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

class tls_server : public testing::Test {
protected:
  tls_server() {
    std::filesystem::create_directories(folder);
    const key_ptr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const auto certificate = certify(key.get(), "IP:127.0.0.1");
    write("cert", [&](std::FILE* f) { PEM_write_X509(f, certificate.get()); });
    write("key", [&](std::FILE* f) {
      PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  ~tls_server() override { std::filesystem::remove_all(folder); }

  template <class Write>
  void write(const std::string& name, Write how) {
    std::FILE* file = std::fopen((folder + name).c_str(), "w");
    how(file);
    std::fclose(file);
    std::filesystem::permissions(folder + name, std::filesystem::perms::owner_read);
  }

  std::unique_ptr<server> serve(server_options options = {}) {
    options.listen = {"127.0.0.1", 0};
    auto identity = tls_identity::load(folder + "cert", folder + "key");
    EXPECT_TRUE(identity) << identity.failure().message;
    options.tls = *identity;
    auto started = server::listen(std::move(options), [](request what, responder answer) {
      if (what.path == "/stream") {
        auto [writer, reader] = make_stream(1u << 20);
        writer.push(std::string(100'000, 'x'));
        answer.send(response{.stream = std::move(reader)});
        writer.push("last");
        return;
      }
      answer.send(response{.body = what.path});
    });
    EXPECT_TRUE(started) << started.failure().message;
    return std::move(*started);
  }

  static std::string ask(const server& one, const std::string& path = "/a") {
    client asks;
    asks.trust_anyone();
    const auto answer = asks.request("GET", "https://" + one.address() + path, {}, "", 60'000);
    return answer ? answer->body : answer.failure().message;
  }

  static void expect_failed(const server& one, std::uint64_t handshakes) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (one.counts().handshakes_failed < handshakes && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_EQ(one.counts().handshakes_failed, handshakes);
  }

  std::string folder = testing::TempDir() + "tls_server_" + std::to_string(getpid()) + "/";
};

TEST_F(tls_server, gives_answers_that_go_on) {
  const auto one = serve();
  EXPECT_EQ(ask(*one, "/stream"), std::string(100'000, 'x') + "last");
}

TEST_F(tls_server, serves_on_a_connection_that_is_kept) {
  const auto one = serve();
  client asks;
  asks.trust_anyone();
  for (int i = 0; i < 3; ++i) {
    const auto answer = asks.request("GET", "https://" + one->address() + "/a", {}, "", 60'000);
    ASSERT_TRUE(answer) << answer.failure().message;
    EXPECT_EQ(answer->body, "/a");
  }
  EXPECT_EQ(one->counts().connections, 1u);
}

TEST_F(tls_server, ends_handshakes_that_do_not_get_on) {
  const auto one = serve({.handshake_timeout = 1s}); // an honest one takes some time, too
  raw_connection silent(one->port());
  raw_connection begun(one->port());
  begun.send(begun_hello);
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(begun.read_to_end(), "");
  EXPECT_FALSE(silent.timed_out() || begun.timed_out());
  expect_failed(*one, 2);
  std::string answer; // an honest one gets through, but for a machine that holds it up
  for (int i = 0; i < 20 && answer != "/a"; ++i) {
    answer = ask(*one);
  }
  EXPECT_EQ(answer, "/a");
}

TEST_F(tls_server, a_handshake_that_drips_gets_no_more_time_for_it) {
  const auto one = serve({.handshake_timeout = 100ms});
  raw_connection drips(one->port());
  drips.send(begun_hello);
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (one->counts().handshakes_failed == 0 && std::chrono::steady_clock::now() < end) {
    drips.send("x");
    std::this_thread::sleep_for(1ms); // 512 of them would complete the hello
  }
  EXPECT_EQ(one->counts().handshakes_failed, 1u);
}

TEST_F(tls_server, what_is_neither_tls_nor_http_is_closed) {
  const auto one = serve();
  raw_connection noise(one->port());
  noise.send(std::string(200, '\x01'));
  noise.read_to_end();
  EXPECT_FALSE(noise.timed_out());
  expect_failed(*one, 1);
}

TEST_F(tls_server, connections_beyond_the_limit_cost_no_handshake) {
  const auto one = serve({.connections_per_address_max = 1});
  client first;
  first.trust_anyone();
  ASSERT_TRUE(first.request("GET", "https://" + one->address() + "/a", {}, "", 60'000));
  raw_connection second(one->port());
  EXPECT_EQ(second.read_to_end(), "");
  EXPECT_EQ(one->counts().connections_refused, 1u);
}

TEST_F(tls_server, a_handshake_under_way_makes_room) {
  const auto one = serve({.connections_max = 1});
  raw_connection begun(one->port());
  begun.send(begun_hello);
  EXPECT_EQ(ask(*one), "/a");
  begun.read_to_end();
  EXPECT_FALSE(begun.timed_out());
  EXPECT_EQ(one->counts().connections_displaced, 1u);
}

TEST_F(tls_server, stops_with_handshakes_under_way) {
  auto one = serve({.handshake_timeout = 10min});
  raw_connection begun(one->port());
  begun.send(begun_hello);
  const auto began = std::chrono::steady_clock::now();
  one->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
  EXPECT_EQ(one->counts().connections_open, 0u);
}

} // namespace
} // namespace tocsin::http::tls_server_test
