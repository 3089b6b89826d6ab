#pragma once

#include "actors/sinks/hook_sink.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace tocsin {

/// Shows what hooks and other sinks do with an event, as it happens: for people, or one JSON object
/// per hook and sink. Hooks tell it from a thread of theirs.
class hook_printer {
public:
  explicit hook_printer(bool json) : json_(json) {}

  /// A file beside the hooks that is none.
  void passed_over(const hook_passed_over&);
  /// What follows is about this event.
  void begin(const redis::stream_event&);
  hook_reports reports();
  /// How a sink that is no hook took the event.
  void took(const std::string& sink, const delivery&);
  /// Why hooks were not run at all.
  void not_run(const std::string& why);

  int runs() const { return runs_; }
  int failures() const { return failures_; }

private:
  void say(hook_level, const std::string& hook, std::string_view line);
  void ended(const hook_script&, const hook_end&);
  void show(const std::string& about, const std::string& outcome, const std::string& why,
            std::int64_t took_ms);

  const bool json_;
  std::mutex mutex_;
  std::string event_;
  std::vector<std::string> output_; ///< JSON, of the hook that runs
  int runs_ = 0, failures_ = 0;
};

} // namespace tocsin
