#include "actors/collector_door.hpp"

#include <condition_variable>
#include <optional>
#include <string>
#include <utility>

namespace tocsin {

struct collector_door::waiting {
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  std::optional<intake_answer> answer;

  void end(std::optional<intake_answer> what) {
    const std::lock_guard lock(mutex);
    if (!std::exchange(ended, true))
      answer = std::move(what);
    changed.notify_all();
  }
};

server_answer collector_door::post(std::size_t, std::string_view ndjson, std::int64_t timeout_ms) {
  auto in = reader_.read(std::string(ndjson), unix_ms());
  ctx_.metrics.samples_rejected.add(in.rejected);
  ctx_.metrics.values_dropped.add(in.fields_dropped);
  if (in.too_large)
    return {413, "the samples take too much memory"};
  if (in.accepted == 0)
    return {400, in.first_rejected.empty() ? "no samples" : in.first_rejected.front().error};
  const auto wait = std::make_shared<waiting>();
  {
    const std::lock_guard lock(mutex_);
    current_ = wait;
  }
  auto request = std::make_shared<intake_request>();
  request->samples = std::move(in.rows);
  request->answer = [wait](const intake_answer& a) { wait->end(a); };
  caf::anon_send(collector_, take_atom::value, intake_ptr(std::move(request)));
  std::unique_lock lock(wait->mutex);
  wait->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return wait->ended; });
  if (!wait->answer)
    return {0, "the log did not take it in time"};
  if (wait->answer->what == intake_answer::outcome::stored)
    return {202, ""};
  return {503, wait->answer->why};
}

void collector_door::hurry() {
  const std::lock_guard lock(mutex_);
  if (current_)
    current_->end(std::nullopt);
}

} // namespace tocsin
