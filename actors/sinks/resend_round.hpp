#pragma once

#include <cstdint>
#include <string>

namespace tocsin {

/// Decides when what is open is sent again, in rounds over the hash of open incidents, piece by
/// piece. Owned by the sink; times are monotonic ms.
///
/// 1. The first round is due at once, each next one an interval after the one before it began.
/// 2. After a failure it begins again, from the first piece: who was away may have lost everything.
class resend_round {
public:
  /// Before a round that failed begins again.
  static constexpr std::int64_t pause_ms = 5'000;

  explicit resend_round(std::int64_t interval_ms) : interval_ms_(interval_ms) {}

  /// When the next piece is due, and from which cursor on it is read.
  std::int64_t due_ms() const { return due_ms_; }
  const std::string& cursor() const { return cursor_; }
  /// For how long what is sent now must last, so that three rounds may fail: four times the
  /// interval, or four times what a round takes where that is longer.
  std::int64_t lasting_ms(std::int64_t now_ms) const;

  /// A piece is about to be sent.
  void begin(std::int64_t now_ms);
  /// It was; the next begins at this cursor, "0" for the end of the round.
  void sent(std::string next_cursor, std::int64_t now_ms);
  /// It was not. `asked_ms`: the wait that the other side asked for; longer than an interval it is
  /// not kept, for what was sent before would end.
  void failed(std::int64_t now_ms, std::int64_t asked_ms = 0);

private:
  std::int64_t interval_ms_;
  std::int64_t due_ms_ = 0, began_ms_ = 0, last_took_ms_ = 0;
  std::string cursor_ = "0";
  bool under_way_ = false;
};

} // namespace tocsin
