#pragma once

#include "actors/sinks/hook_runtime.hpp"
#include "actors/sinks/sink.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace tocsin {

/// Where what hooks do is told, from threads of the sink's: the log, if not somebody else.
struct hook_reports {
  hook_say say;                                                   ///< what they print and log
  std::function<void(const hook_script&, const hook_end&)> ended; ///< how each run ended
};
/// Both into the log.
hook_reports log_hooks();

/// Runs the operator's hooks about each event, one after the other.
///
/// 1. Which hooks there are is looked up for each event, so a change needs no restart.
/// 2. A hook that throws or times out has been run. One that took its process with it is run again
///    with the event's next try; those that were run before or after it are not, in this process.
class hook_sink : public sink {
public:
  hook_sink(const settings&, hook_place, hook_reports = log_hooks());

  const std::string& name() const override { return name_; }
  std::size_t batch_max() const override {
    return 1;
  } // so a delivery takes no longer than its hooks
  bool wanted() override;
  delivery deliver(std::span<const redis::stream_event> events) override;
  void cancel() override;

private:
  static constexpr std::size_t unfinished_max = 64; // events under way: one, usually
  delivery tell(const redis::stream_event&);
  status prepare();

  const settings settings_;
  const hook_place place_;
  const hook_reports to_;
  const std::string name_ = "hooks";
  std::string complaint_; ///< what was said last about why hooks cannot be run
  std::map<redis::stream_id, std::set<std::string>> done_; ///< of events that are tried again

  std::mutex mutex_; ///< of the next two
  std::unique_ptr<hook_process> process_;
  bool cancelled_ = false;
};

} // namespace tocsin
