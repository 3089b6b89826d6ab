#pragma once

#include "actors/http/responder.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace tocsin {

/// Where requests to read the rules again wait for the one thread that does. Any thread may ask.
///
/// 1. At most `slots` requests wait; one more is answered 409 `busy` at once.
/// 2. All that wait when a reload begins are answered by it: it reads the file after they came.
/// 3. One that waits longer than `answer_ms_max` for another reload to end is answered 409 `busy`.
class reload_desk {
public:
  static constexpr std::size_t slots = 8;
  static constexpr std::int64_t answer_ms_max = 10'000;

  struct request {
    http::responder answer;
    std::int64_t until_ms = 0; ///< by then it is answered, whatever there is to say
  };
  struct round {
    bool unattended = false; ///< asked without anybody who waits for the answer
    std::vector<request> requests;
    bool empty() const { return !unattended && requests.empty(); }
  };

  void ask(http::responder answer, std::int64_t now_ms);
  /// The same without anybody who waits for the answer.
  void ask();

  /// Somebody reads the file from now on; until then, and after stop(), requests are refused.
  void open();
  void stop();
  bool stopping() const;

  /// Takes what waits; returns at once where something does, else when it comes or time is up.
  round wait(std::int64_t ms);
  /// Answers those who have waited too long.
  void expire(std::int64_t now_ms);

private:
  mutable std::mutex mutex_;
  std::condition_variable news_;
  bool open_ = false;
  bool stopping_ = false;
  round waiting_;
};

} // namespace tocsin
