#include "actors/http/lookup.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace tocsin::http {

namespace net = boost::asio;
using tcp = net::ip::tcp;

lookup::lookup(const std::string& host, std::uint16_t port) : host_(host), port_(port) {
  std::thread([shared = shared_, host, port] {
    net::io_context context;
    tcp::resolver resolver(context);
    boost::system::error_code failure;
    const auto all = resolver.resolve(host, std::to_string(port), failure);
    const std::lock_guard lock(shared->mutex);
    shared->failure = failure;
    for (const auto& one : all)
      shared->found.push_back(one.endpoint());
    shared->ended = true;
    shared->changed.notify_all();
  }).detach();
}

bool lookup::wait(std::chrono::steady_clock::time_point until, const std::atomic<bool>& cancelled) {
  using clock = std::chrono::steady_clock;
  std::unique_lock lock(shared_->mutex);
  while (!shared_->ended && !cancelled && clock::now() < until)
    shared_->changed.wait_until(lock,
                                std::min(until, clock::now() + std::chrono::milliseconds(50)));
  return shared_->ended;
}

} // namespace tocsin::http
