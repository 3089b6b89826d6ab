#include "actors/sinks/hook_process.hpp"

#include "actors/sinks/clock.hpp"
#include "config/byte_size.hpp"
#include "config/duration.hpp"

#include <chrono>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace tocsin {

hook_process::hook_process(hook_launch l, hook_say say)
    : launch_(std::move(l)), say_(std::move(say)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { keep(); }) {}

hook_process::~hook_process() {
  closing_ = true;
  wake();
  thread_.join();
}

void hook_process::wake() {
  static_cast<void>(::eventfd_write(wake_fd_.get(), 1));
}

void hook_process::cancel() {
  cancelled_ = true;
  wake();
}

hook_end hook_process::run(const hook_script& hook, std::string incident_json) {
  std::unique_lock lock(mutex_);
  end_.reset();
  asked_ = job{hook, std::move(incident_json)};
  wake();
  changed_.wait(lock, [this] { return end_.has_value(); });
  return *std::exchange(end_, std::nullopt);
}

void hook_process::keep() {
  while (!closing_) {
    take_job();
    const auto now = monotonic_ms();
    if (cancelled_) {
      child_.reset();
      finish(hook_end::outcome::cancelled, "the engine stops");
    } else {
      step(now);
    }
    const int pause = current_ ? look_ms : child_ ? look_idle_ms : 60'000;
    eventfd_t ignored = 0;
    if (!child_) {
      pollfd woken{wake_fd_.get(), POLLIN, 0};
      ::poll(&woken, 1, pause);
    } else if (!child_->look(wake_fd_.get(), pause)) {
      child_ended();
    }
    static_cast<void>(::eventfd_read(wake_fd_.get(), &ignored));
  }
  child_.reset();
}

void hook_process::take_job() {
  const std::lock_guard lock(mutex_);
  if (asked_ && !current_) {
    current_ = std::exchange(asked_, std::nullopt);
    current_->began_ms = monotonic_ms();
  }
}

bool hook_process::memory_is_too_much(std::int64_t now_ms) {
  if (!child_ || now_ms - weighed_ms_ < look_ms)
    return false;
  weighed_ms_ = now_ms;
  return child_->memory_bytes() > launch_.memory_bytes;
}

void hook_process::step(std::int64_t now_ms) {
  if (std::exchange(replace_, false))
    child_.reset();
  if (memory_is_too_much(now_ms))
    return end_child(fmt::format("the process took more memory than tocsin.hookMemory ({})",
                                 describe_byte_size(launch_.memory_bytes)));
  if (!current_)
    return;
  if (!child_)
    return start_child(now_ms);
  if (!ready_) {
    if (now_ms - started_ms_ > start_longest_ms)
      end_child(fmt::format("node did not start within {}", describe_duration(start_longest_ms)));
    return;
  }
  if (!current_->sent) {
    current_->sent = true;
    current_->began_ms = now_ms;
    last_hook_ = current_->hook.name;
    child_->send(hook_order(++number_, current_->hook, current_->incident_json));
  } else if (now_ms - current_->began_ms > launch_.timeout_ms + deadline_grace_ms) {
    end_child(fmt::format("it was still busy after tocsin.hookTimeout ({}), an endless loop maybe",
                          describe_duration(launch_.timeout_ms)));
  }
}

void hook_process::start_child(std::int64_t now_ms) {
  ready_ = false;
  fatal_.clear();
  last_hook_.clear();
  started_ms_ = now_ms;
  hook_child::listener listener;
  listener.printed = [this](hook_level l, std::string_view line) { print(l, last_hook_, line); };
  listener.reported = [this](hook_report&& r) { take(std::move(r)); };
  auto child = hook_child::start(launch_.node, launch_.words, launch_.environment, launch_.folder,
                                 std::move(listener));
  if (!child)
    return finish(hook_end::outcome::not_started, child.failure().message);
  child_ = std::move(*child);
}

void hook_process::take(hook_report&& r) {
  using kind = hook_report::kind;
  if (r.what == kind::ready) {
    ready_ = true;
    child_->weigh(r.number);
    return wake();
  }
  if (r.what == kind::log)
    return print(r.level, r.hook, r.text);
  if (r.what == kind::fatal) {
    fatal_ = r.error.text();
    return;
  }
  if (!current_ || !current_->sent || r.number != number_)
    return;
  if (r.what == kind::stale) {
    say_(hook_level::debug, current_->hook.name, "files have changed: a new process runs hooks");
    current_->sent = false;
    replace_ = true;
    return;
  }
  if (r.what == kind::threw)
    return finish(hook_end::outcome::threw, r.error.text(), r.error.stack);
  if (r.what != kind::timeout)
    return finish(hook_end::outcome::returned, "");
  replace_ = true; // what the hook still waits for must not come later
  finish(hook_end::outcome::timed_out, fmt::format("took longer than tocsin.hookTimeout ({})",
                                                   describe_duration(launch_.timeout_ms)));
}

void hook_process::print(hook_level level, const std::string& hook, std::string_view text) {
  const auto now = monotonic_ms();
  if (const auto dropped = lines_.take_dropped(now); dropped > 0)
    say_(hook_level::warn, hook,
         fmt::format("{} lines were left out: more than {} a second", dropped,
                     line_allowance::per_second));
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    const bool cut = line.size() > hook_child::output_line_max;
    if (!line.empty() && lines_.take(now))
      say_(level, hook,
           printable(line.substr(0, hook_child::output_line_max)) + (cut ? " … (cut)" : ""));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void hook_process::finish(hook_end::outcome what, std::string why, std::string stack) {
  if (!current_)
    return;
  const auto took = monotonic_ms() - current_->began_ms;
  current_.reset();
  const std::lock_guard lock(mutex_);
  end_ = hook_end{what, std::move(why), std::move(stack), took};
  changed_.notify_all();
}

void hook_process::child_ended() {
  const auto how = fatal_.empty() ? child_->end() : fatal_;
  end_child(fmt::format("the process ended: {}", how));
}

// Blames the hook that runs, if one does.
void hook_process::end_child(const std::string& why) {
  child_.reset();
  if (!current_)
    return say_(hook_level::error, last_hook_, fmt::format("{}, between two hooks", why));
  finish(current_->sent ? hook_end::outcome::died : hook_end::outcome::not_started, why);
}

} // namespace tocsin
