#pragma once

#include "actors/sinks/hook_child.hpp"
#include "actors/sinks/hook_message.hpp"
#include "actors/sinks/hook_output.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tocsin {

/// How a hook ended.
struct hook_end {
  enum class outcome : std::uint8_t {
    returned,
    threw,       ///< says `why`
    timed_out,   ///< something that it waits for did not come in time
    died,        ///< it took the process with it: crashed, looped without end, ate all memory
    not_started, ///< node could not be started
    cancelled,
  };
  outcome what = outcome::returned;
  std::string why;
  std::string stack; ///< when it threw an Error
  std::int64_t took_ms = 0;
};

/// What hooks run with.
struct hook_launch {
  std::string node;                     ///< the program
  std::vector<std::string> words;       ///< its name and arguments
  std::vector<std::string> environment; ///< all of it
  std::string folder;                   ///< where it works
  std::int64_t timeout_ms = 30'000;     ///< as the runner keeps it itself, for one script
  std::uint64_t memory_bytes = 0;       ///< of the process
};

/// Takes a line that a hook wrote or logged; `hook` is empty where none ran yet.
using hook_say = std::function<void(hook_level, const std::string& hook, std::string_view line)>;

/// Runs hooks, one at a time, in a node process that it starts when it is first needed, watches,
/// and starts again after it ended, a hook timed out or files of hooks changed. Between hooks the
/// process lives on, for what a hook left to be done.
///
/// 1. A thread of its own owns the process, reads its output at any time, and calls `say`.
/// 2. A hook ends at the latest `deadline_grace_ms` after its time; the process then with it.
/// 3. Memory is looked at every `look_ms`: at 1 GB/s some 50 MB beyond the limit before its end.
class hook_process {
public:
  static constexpr std::int64_t start_longest_ms = 20'000;
  static constexpr std::int64_t deadline_grace_ms = 2'000;
  static constexpr int look_ms = 50, look_idle_ms = 1'000;

  hook_process(hook_launch, hook_say);
  ~hook_process();

  hook_end run(const hook_script&, std::string incident_json);
  /// Ends what runs, and the process; nothing is run afterwards. From any thread.
  void cancel();

private:
  struct job {
    hook_script hook;
    std::string incident_json;
    std::int64_t began_ms = 0;
    bool sent = false;
  };
  void keep();
  void take_job();
  void step(std::int64_t now_ms);
  bool memory_is_too_much(std::int64_t now_ms);
  void start_child(std::int64_t now_ms);
  void take(hook_report&&);
  void print(hook_level, const std::string& hook, std::string_view line);
  void finish(hook_end::outcome, std::string why, std::string stack = {});
  void child_ended();
  void end_child(const std::string& why);
  void wake();

  const hook_launch launch_;
  const hook_say say_;
  owned_fd wake_fd_;
  std::atomic<bool> cancelled_{false}, closing_{false};

  std::mutex mutex_; // of the next two
  std::condition_variable changed_;
  std::optional<job> asked_;
  std::optional<hook_end> end_;

  // The rest belongs to the thread.
  std::unique_ptr<hook_child> child_;
  std::optional<job> current_;
  std::string last_hook_, fatal_;
  std::uint64_t number_ = 0;
  std::int64_t started_ms_ = 0, weighed_ms_ = 0;
  bool ready_ = false, replace_ = false;
  line_allowance lines_;
  std::thread thread_; // last: it uses the others
};

} // namespace tocsin
