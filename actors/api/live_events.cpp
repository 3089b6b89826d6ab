#include "actors/api/live_events.hpp"

#include "actors/api/event_text.hpp"
#include "actors/api/query_desk.hpp"

#include <fmt/format.h>

namespace tocsin {

live_events::live_events(metric_registry& r)
    : dropped_(r.add_counter("tocsin_sse_dropped_total",
                             "Clients of the event stream that took too little.")) {
  r.add_callback(metric_type::gauge, "tocsin_sse_clients", "Clients of the event stream.",
                 [clients = clients_] { return static_cast<double>(*clients); });
}

void live_events::subscribe(http::responder owed, std::optional<redis::stream_id> after) {
  if (clients_->fetch_add(1) >= clients_max) {
    clients_->fetch_sub(1);
    return owed.send(not_now("too-many-clients",
                             fmt::format("{} clients follow the events already", clients_max)));
  }
  std::shared_ptr<const void> slot(this, [clients = clients_](const void*) { --*clients; });
  add([&] { work_.newcomers.push_back({std::move(owed), after, std::move(slot)}); });
  if (owed)
    owed.send(not_now("busy", "the engine is starting or stopping"));
}

void live_events::news() {
  if (watched())
    add([&] { work_.news = true; });
}

void live_events::say(std::string_view name, std::string_view data) {
  if (!watched())
    return;
  add([&] {
    work_.messages.push_back(event_text(name, data));
    if (work_.messages.size() > messages_max)
      work_.messages.pop_front();
  });
}

void live_events::end_streams() {
  if (watched())
    add([&] { work_.end = true; });
}

void live_events::add(const std::function<void()>& what) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (!wake_)
      return;
    what();
    if (!std::exchange(woken_, true))
      wake = wake_;
  }
  if (wake)
    wake();
}

void live_events::open(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void live_events::close() {
  std::function<void()> gone;
  work left;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(wake_);
    std::swap(left, work_);
  }
  for (auto& n : left.newcomers)
    n.owed.send(not_now("busy", "the engine is stopping"));
}

live_events::work live_events::take() {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  return std::exchange(work_, {});
}

} // namespace tocsin
