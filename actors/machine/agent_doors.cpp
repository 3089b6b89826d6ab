// The agent's real clock and its real way to the servers.

#include "actors/http/client.hpp"
#include "actors/http/retry_after.hpp"
#include "actors/machine/agent.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

namespace tocsin {

namespace {

constexpr std::chrono::milliseconds slice{100};

template <class Clock>
std::int64_t milliseconds_of() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch())
      .count();
}

class system_clock final : public agent_clock {
public:
  explicit system_clock(std::function<bool()> stopping) : stopping_(std::move(stopping)) {}

  std::int64_t now_ms() override { return milliseconds_of<std::chrono::system_clock>(); }
  std::int64_t steady_ms() override { return milliseconds_of<std::chrono::steady_clock>(); }

  bool wait_ms(std::int64_t span_ms) override {
    if (!stopping_()) {
      std::this_thread::sleep_for(std::min(slice, std::chrono::milliseconds(span_ms)));
    }
    return !stopping_();
  }

private:
  std::function<bool()> stopping_;
};

class http_door final : public sample_door {
public:
  http_door(std::vector<std::string> servers, std::function<std::string()> token)
      : clients_(servers.size()), token_(std::move(token)) {
    for (std::string& base : servers) {
      while (base.ends_with('/')) {
        base.pop_back();
      }
      urls_.push_back(base + "/api/v1/samples");
    }
  }

  server_answer post(std::size_t server, std::string_view ndjson,
                     std::int64_t timeout_ms) override {
    http::field_list headers{{"Content-Type", "application/x-ndjson"}};
    if (const auto token = token_(); !token.empty()) {
      headers.emplace_back("Authorization", "Bearer " + token);
    }
    auto answer = client_of(server)->request("POST", urls_[server], headers, ndjson, timeout_ms);
    if (!answer) {
      return {.status = 0, .text = answer.failure().message};
    }
    const auto unix_s = milliseconds_of<std::chrono::system_clock>() / 1'000;
    return {.status = answer->status,
            .text = std::move(answer->body),
            .retry_after_ms = http::asked_wait_ms(*answer, unix_s)};
  }

  void hurry() override {
    std::lock_guard lock(mutex_);
    for (auto& each : clients_) {
      if (each) {
        each->cancel();
        each.reset(); // `post` holds its own share
      }
    }
  }

private:
  std::shared_ptr<http::client> client_of(std::size_t server) {
    std::lock_guard lock(mutex_);
    if (!clients_[server]) {
      clients_[server] = std::make_shared<http::client>();
    }
    return clients_[server];
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<http::client>> clients_;
  std::vector<std::string> urls_;
  std::function<std::string()> token_;
};

} // namespace

std::unique_ptr<sample_door> make_http_door(std::vector<std::string> servers,
                                            std::function<std::string()> token) {
  return std::make_unique<http_door>(std::move(servers), std::move(token));
}

std::unique_ptr<agent_clock> make_system_clock(std::function<bool()> stopping) {
  return std::make_unique<system_clock>(std::move(stopping));
}

} // namespace tocsin
