#pragma once

#include "actors/metrics/registry.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Whether one part of the engine stands still, for how long, and why. The part says what it owes
/// and when it has done it; it need not run to be seen standing. Times are monotonic. Any thread.
///
/// 1. What is owed by a time and not done then stands still from that time on; what is refused,
///    from the first refusal on, also where nothing was owed.
/// 2. Only rests() ends that: a retry that is under way has mended nothing yet.
class stage {
public:
  /// A step is to be done by then. Changes nothing where one is owed already, but what it
  /// `waits_for`, in a text that lives as long as the program.
  void owes(std::int64_t by_ms, std::string_view waits_for);
  /// A step was tried in vain.
  void refused(std::int64_t now_ms, std::string why);
  /// What was owed is done.
  void rests();

  struct standing {
    std::int64_t stuck_ms = 0;
    std::string why; ///< empty where it does not stand still
    bool refused = false;
    std::string refusal() const { return refused ? why : std::string(); }
  };
  standing look(std::int64_t now_ms) const;

private:
  mutable std::mutex mutex_;
  std::optional<std::int64_t> owed_by_ms_, refused_ms_;
  std::string_view waits_for_;
  std::string why_;
};

/// For how long the oldest tick that is not committed has been due: known also while nobody who
/// could count it moves. Times are monotonic. Any thread.
class tick_lag {
public:
  /// That tick was due, or will be, then.
  void due(std::int64_t at_ms) { due_ms_ = at_ms; }
  /// This engine owes no tick.
  void clear() { due_ms_ = INT64_MAX; }
  std::int64_t ms(std::int64_t now_ms) const {
    const auto due = due_ms_.load();
    return due < now_ms ? now_ms - due : 0;
  }

private:
  std::atomic<std::int64_t> due_ms_{INT64_MAX};
};

/// Every part of an engine that can stand still, in the order in which data pass them.
class stages {
public:
  stage writer, reader, aggregator, rules, committer, membership, janitor;
  tick_lag lag;

  /// The partition's own parts (reader to committer) are there, or are told to end: what those that
  /// end still say is not counted.
  void evaluate(bool on);

  /// A stage of a sink, from now on; it is forgotten when nobody else holds it any more.
  std::shared_ptr<stage> add_sink(const std::string& name);

  struct seen {
    std::string name;
    stage::standing is;
    enum class kind : std::uint8_t { vital, upkeep, sink } is_a; ///< vital: to alerting
  };
  /// All of them, the sinks last.
  std::vector<seen> look(std::int64_t now_ms) const;

  /// So long a vital stage may stand before the engine is not ready.
  static constexpr std::int64_t patience_ms = 2'000;
  /// "the committer has stood still for 7 s: …", of the vital one that has stood longest, beyond
  /// patience; empty: none has.
  std::string trouble(std::int64_t now_ms) const;

private:
  using named = std::pair<const char*, const stage*>;
  std::vector<named> vital() const;

  std::atomic<bool> evaluating_{false};
  mutable std::mutex mutex_;
  std::map<std::string, std::weak_ptr<stage>> sinks_;
};

/// Exposes both as metrics, as they are when asked; `now_ms`: a monotonic clock.
void expose_stages(metric_registry&, std::shared_ptr<const stages>, std::int64_t (*now_ms)());

} // namespace tocsin
