#include "actors/sinks/hook_sink.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

void log_line(hook_level level, const std::string& hook, std::string_view line) {
  using at = spdlog::level::level_enum;
  const auto to = level == hook_level::debug  ? at::debug
                  : level == hook_level::info ? at::info
                  : level == hook_level::warn ? at::warn
                                              : at::err;
  spdlog::log(to, "hook{}{}: {}", hook.empty() ? "s" : " ", printable(hook), line);
}

void log_end(const hook_script& hook, const hook_end& end) {
  const auto name = printable(hook.name);
  switch (end.what) {
  case hook_end::outcome::returned:
    return spdlog::debug("hook {}: done in {} ms", name, end.took_ms);
  case hook_end::outcome::threw:
    spdlog::error("hook {}: {}", name, printable(end.why));
    return spdlog::debug("hook {}: {}", name, end.stack);
  case hook_end::outcome::timed_out:
    return spdlog::error("hook {}: {}: ended, and not tried again", name, end.why);
  case hook_end::outcome::died:
    return spdlog::error("hook {}: {}", name, printable(end.why));
  default: // told with the event
    return;
  }
}

bool is_over(const hook_end& end) {
  return end.what == hook_end::outcome::returned || end.what == hook_end::outcome::threw ||
         end.what == hook_end::outcome::timed_out;
}

} // namespace

hook_reports log_hooks() {
  return {log_line, log_end};
}

hook_sink::hook_sink(const settings& s, hook_place at, hook_reports to)
    : settings_(s), place_(std::move(at)), to_(std::move(to)) {}

// What keeps hooks from running is said once; then again when it is something else.
bool hook_sink::wanted() {
  const auto hooks = list_hooks(place_.data_dir);
  if (hooks && hooks->empty())
    return false;
  const auto plan = plan_hooks(settings_, place_);
  const auto why = !hooks ? hooks.failure().message : !plan ? plan.failure().message : "";
  if (why != complaint_ && !why.empty())
    spdlog::warn("there are hooks in {}, but they cannot be run: {}", hook_folder(place_.data_dir),
                 why);
  complaint_ = why;
  return why.empty();
}

status hook_sink::prepare() {
  if (process_)
    return done{};
  auto plan = plan_hooks(settings_, place_);
  if (!plan)
    return plan.failure();
  auto made = std::make_unique<hook_process>(std::move(*plan), to_.say);
  const std::lock_guard lock(mutex_);
  process_ = std::move(made);
  if (cancelled_)
    process_->cancel();
  return done{};
}

delivery hook_sink::deliver(std::span<const redis::stream_event> events) {
  delivery out;
  for (const auto& e : events) {
    auto d = tell(e);
    if (d.what != delivery::outcome::done) {
      d.taken = out.taken;
      return d;
    }
    ++out.taken;
  }
  return out;
}

delivery hook_sink::tell(const redis::stream_event& e) {
  const auto hooks = list_hooks(place_.data_dir);
  if (!hooks)
    return {delivery::outcome::later, 0, hooks.failure().message};
  if (hooks->empty())
    return {};
  if (auto ready = prepare(); !ready)
    return {delivery::outcome::later, 0, ready.failure().message};
  if (done_.size() >= unfinished_max)
    done_.erase(done_.begin());
  auto& done = done_[e.at];
  std::string why;
  for (const auto& hook : *hooks) {
    if (done.contains(hook.name))
      continue;
    const auto end = process_->run(hook, redis::incident_object_json(e));
    to_.ended(hook, end);
    if (is_over(end))
      done.insert(hook.name);
    else if (end.what == hook_end::outcome::died)
      why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", hook.name, end.why);
    else {
      const std::lock_guard lock(mutex_);
      process_.reset(); // planned anew: node may lie elsewhere by then
      return {delivery::outcome::later, 0, end.why};
    }
  }
  if (!why.empty())
    return {delivery::outcome::failed, 0, printable(why)};
  done_.erase(e.at);
  return {};
}

void hook_sink::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (process_)
    process_->cancel();
}

} // namespace tocsin
