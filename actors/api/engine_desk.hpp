#pragma once

#include "actors/http/message.hpp"
#include "streams/partition/live_aggregator.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace tocsin {

/// A question about the engine's windows, hosts or incidents as they are now. It is answered piece
/// by piece by the actor that owns them, which has better things to do in between.
class engine_question {
public:
  virtual ~engine_question() = default;

  /// Does a piece of the work, of about a millisecond at most; true: that was the last. Called
  /// while no rule is checked, so that everything below `core` stands still. Between two steps
  /// ticks may be sealed.
  virtual bool step(const live_aggregator& core) = 0;
  /// Gives the answer, after the last step; from the same thread.
  virtual void answer() = 0;
  /// There will be no answer: this is why. From any thread.
  virtual void refuse(const http::refusal& why) = 0;
};

/// Where questions about the engine's state wait for the aggregator. Any thread may ask; the
/// aggregator of the moment answers, one step of each question in turn.
///
/// 1. At most `slots` questions wait or are being answered; one more is refused `busy` at once.
/// 2. Every question is answered or refused, at the latest `question_ms_max` after it was asked.
/// 3. While this engine does not evaluate (it stands by, or reads its state back), questions are
///    refused `not-evaluating`.
/// 4. A question is answered by the aggregator that began it, or refused: what it remembers between
///    two steps is that engine's own.
/// 5. One that throws is dropped, which answers who asked with a 500.
class engine_desk {
public:
  static constexpr std::size_t slots = 32;
  static constexpr std::int64_t question_ms_max = 10'000;

  /// `now_ms`: monotonic.
  void ask(std::unique_ptr<engine_question> what, std::int64_t now_ms);

  /// An aggregator is there, or begins; `wake` is called, from whoever asks, when there is
  /// something to do: at once if that is so already. Returns what it steps and closes with.
  std::uint64_t open(std::function<void()> wake);
  /// It is gone: what waits is refused. Does nothing once another one has opened the desk.
  void close(std::uint64_t opened);

  /// Does a step of the question whose turn it is. Returns whether there is more to do; nothing is
  /// once another aggregator has opened the desk.
  bool step(const live_aggregator& core, std::int64_t now_ms, std::uint64_t opened);

private:
  struct waiting {
    std::unique_ptr<engine_question> what;
    std::int64_t until_ms;
    std::uint64_t begun; // by whom; 0: by nobody yet
  };
  bool take(waiting& into, std::uint64_t opened);
  bool put_back(waiting&& one);

  mutable std::mutex mutex_;
  std::function<void()> wake_; // empty: nobody answers
  std::deque<waiting> questions_;
  std::size_t taken_ = 0;    // slots
  std::uint64_t opened_ = 0; // how often
};

} // namespace tocsin
