#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/server_process.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace tocsin::test {

/// A folder under /tmp that goes when this goes.
class temp_folder {
public:
  temp_folder() {
    char name[] = "/tmp/tocsin-test-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  ~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// Polls until `holds`, at most `timeout_ms`.
inline bool eventually(const std::function<bool()>& holds, std::int64_t timeout_ms = 60'000) {
  const auto until = redis::deadline_after(timeout_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

/// A loopback port that nobody listened on a moment ago.
inline std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ::bind(fd, reinterpret_cast<sockaddr*>(&at), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  ::close(fd);
  return ntohs(at.sin_port);
}

/// A real redis-server on a Unix socket in a folder of its own, killed when this goes.
class redis_server {
public:
  /// `args` are further words of its command line ("--requirepass", "x", …).
  explicit redis_server(std::vector<std::string> args = {}) { start(std::move(args)); }
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;
  ~redis_server() { kill(); }

  redis_address address() const {
    redis_address a;
    a.via = redis_address::transport::unix_socket;
    a.path = folder_.path() + "/redis.sock";
    return a;
  }
  redis_address tcp_address(std::uint16_t port) const {
    redis_address a;
    a.port = port;
    return a;
  }
  const std::string& folder() const { return folder_.path(); }

  redis::connection connect() const { return connect(address()); }
  static redis::connection connect(const redis_address& a) {
    auto c = redis::connection::open(a);
    if (!c) {
      ADD_FAILURE() << c.failure().message;
      std::abort();
    }
    return std::move(*c);
  }
  void signal(int number) { process_->signal(number); }
  void kill() {
    process_->signal(SIGKILL);
    process_->wait_end(redis::deadline_after(10'000));
  }
  /// Killed, and started again on the same folder.
  void restart(std::vector<std::string> args = {}) {
    kill();
    start(std::move(args));
  }

private:
  void start(std::vector<std::string> args) {
    std::vector<std::string> all = {"--port", "0", "--unixsocket", "redis.sock", "--save", "",
                                    "--dir",  ".", "--daemonize",  "no"};
    all.insert(all.end(), args.begin(), args.end());
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    auto p = redis::spawn_server("redis-server", all, folder_.path(), "log", nothing);
    ::close(nothing);
    if (!p) {
      ADD_FAILURE() << p.failure().message;
      std::abort();
    }
    process_.emplace(std::move(*p));
    const auto up = [this] {
      auto wire = redis::transport::connect(address(), redis::deadline_after(1'000));
      return wire.ok();
    };
    if (!eventually(up)) {
      ADD_FAILURE() << "redis-server did not start in " << folder_.path();
      std::abort();
    }
  }

  temp_folder folder_;
  std::optional<process> process_;
};

/// A test with a server shared by its suite, empty at the start of each test.
class redis_test : public ::testing::Test {
public:
  static void SetUpTestSuite() { server_ = new redis_server; }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

protected:
  void SetUp() override { ASSERT_TRUE(c.call({"FLUSHALL"}).ok()); }
  static redis_server& server() { return *server_; }

  /// A command whose words are split at blanks; its reply must be no error.
  redis::reply run(const std::string& line) {
    std::vector<std::string_view> words;
    std::string_view rest = line;
    while (!rest.empty()) {
      const auto blank = rest.find(' ');
      words.push_back(rest.substr(0, blank));
      rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    }
    auto r = c.call(words);
    EXPECT_TRUE(r.ok()) << line << ": " << (r ? "" : r.failure().message);
    return r ? *r : redis::reply{};
  }

private:
  inline static redis_server* server_ = nullptr;

protected:
  redis::connection c = server().connect();
};

} // namespace tocsin::test
