#include "streams/redis/server_check.hpp"

#include "tests/support/redis_fixture.hpp"

#include <fmt/format.h>
#include <thread>

namespace tocsin::redis::server_check_test {

using test::redis_server;

namespace {

bool contains(const status& s, std::string_view what) {
  return !s.ok() && s.failure().message.find(what) != std::string::npos;
}

/// Answers INFO with `info` and everything else with OK, to one client, until that one leaves.
class fake_redis {
public:
  explicit fake_redis(std::string info) : info_(std::move(info)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size);
    ::listen(listener_, 1);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    address.port = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~fake_redis() {
    thread_.join();
    ::close(listener_);
  }
  redis_address address;

private:
  void serve() {
    const int fd = ::accept(listener_, nullptr, nullptr);
    char bytes[4096];
    std::string seen;
    for (ssize_t n; (n = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) {
      seen.append(bytes, static_cast<std::size_t>(n));
      answer(fd, seen);
    }
    ::close(fd);
  }
  // A command's first word is its third line.
  void answer(int fd, std::string& seen) {
    for (std::size_t at; (at = seen.find("\n*", 1)) != std::string::npos || !seen.empty();) {
      const bool is_info = seen.substr(0, at).find("\r\nINFO\r\n") != std::string::npos;
      const auto text =
          is_info ? fmt::format("${}\r\n{}\r\n", info_.size(), info_) : std::string("+OK\r\n");
      ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      seen.erase(0, at == std::string::npos ? at : at + 1);
    }
  }

  std::string info_;
  int listener_;
  std::thread thread_;
};

} // namespace

TEST(server_check, takes_a_redis_of_today) {
  redis_server server;
  auto c = server.connect();
  auto checked = check_server(c);
  EXPECT_TRUE(checked.ok()) << checked.failure().message;
  auto facts = read_server_facts(c);
  EXPECT_EQ(facts->role, "master");
  EXPECT_GT(facts->used_memory, 0u);
  EXPECT_EQ(facts->run_id.size(), 40u);
  EXPECT_EQ(facts->master_replid.size(), 40u);
  EXPECT_FALSE(facts->loading);
}

TEST(server_check, refuses_an_evicting_policy_by_name) {
  redis_server server({"--maxmemory-policy", "allkeys-lru"});
  auto c = server.connect();
  EXPECT_TRUE(contains(check_server(c), "maxmemory-policy `allkeys-lru`"));
}

TEST(server_check, reads_the_policy_from_info_where_config_is_forbidden) {
  redis_server server({"--maxmemory-policy", "volatile-ttl", "--rename-command", "CONFIG", ""});
  auto c = server.connect();
  EXPECT_TRUE(contains(check_server(c), "maxmemory-policy `volatile-ttl`"));
}

TEST(server_check, refuses_a_read_only_replica) {
  redis_server server({"--replicaof", "127.0.0.1 1"});
  auto c = server.connect();
  EXPECT_TRUE(contains(check_server(c), "read-only replica"));
}

TEST(server_check, refuses_a_redis_too_old_with_its_version) {
  fake_redis old("redis_version:6.0.16\r\nmaxmemory_policy:noeviction\r\nrole:master\r\n");
  auto c = redis_server::connect(old.address);
  EXPECT_TRUE(contains(check_server(c), "is Redis 6.0.16: Tocsin needs 6.2 or later"));
}

TEST(server_check, compares_versions_by_number) {
  server_facts facts;
  facts.role = "master";
  facts.maxmemory_policy = "noeviction";
  for (const char* good : {"6.2.0", "6.10.1", "7.0.15", "10.0.0", "8.0-rc1"}) {
    facts.version = good;
    EXPECT_TRUE(check_server(facts, "here").ok()) << good;
  }
  for (const char* bad : {"6.1.99", "5.10.0", "", "unstable"}) {
    facts.version = bad;
    EXPECT_TRUE(contains(check_server(facts, "here"), "6.2 or later")) << bad;
  }
}

} // namespace tocsin::redis::server_check_test
