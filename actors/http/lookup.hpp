#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tocsin::http {

/// One look into the system's resolver, which can be slow and cannot be interrupted: it runs in a
/// thread of its own that nobody has to wait for.
class lookup {
public:
  lookup(const std::string& host, std::uint16_t port);

  bool is_for(const std::string& host, std::uint16_t port) const {
    return host == host_ && port == port_;
  }
  /// Whether it ended before the time was up and before `cancelled` was set (seen within 50 ms).
  bool wait(std::chrono::steady_clock::time_point until, const std::atomic<bool>& cancelled);
  /// What it found, once it ended.
  const boost::system::error_code& failure() const { return shared_->failure; }
  const std::vector<boost::asio::ip::tcp::endpoint>& found() const { return shared_->found; }

private:
  struct state {
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    boost::system::error_code failure;
    std::vector<boost::asio::ip::tcp::endpoint> found;
  };
  std::string host_;
  std::uint16_t port_;
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

} // namespace tocsin::http
