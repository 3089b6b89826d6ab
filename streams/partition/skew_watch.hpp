#pragma once

#include "config/keyed_hash.hpp"
#include "streams/window/intake.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tocsin {

/// Finds hosts whose clocks are off: those whose samples come early, and those whose samples have
/// all been late for three intervals (a host that sends again what it could not send earlier is
/// late only until it has caught up). Pure; bounded: at most 100,000 hosts are remembered.
class skew_watch {
public:
  explicit skew_watch(const tick_grid& grid) : grid_(grid) {}

  void note(std::string_view host, sample_fate, std::int64_t log_ms, std::int64_t ts_ms);

  /// How far off a clock is, for people: "8 seconds ahead", "56 years behind (seconds instead of
  /// milliseconds?)".
  static std::string words(std::int64_t ahead_ms, std::int64_t now_ms);

  struct skewed_host {
    std::string name;
    std::int64_t ahead_ms; ///< below zero: behind
  };
  /// Hosts newly found to be off since the last call: warned about once each.
  std::vector<skewed_host> take_new() { return std::exchange(new_, {}); }

  /// Some of the hosts whose clocks are off now, as far as they were when that was noticed.
  std::vector<skewed_host> some(std::size_t most) const;
  /// Hosts whose clock is off now.
  std::size_t count() const { return skewed_; }

private:
  static constexpr std::size_t hosts_max = 100'000;
  struct state {
    std::int64_t late_since_ms = 0;
    std::int64_t ahead_ms = 0; ///< when it was found to be skewed
    bool skewed = false;
    bool warned = false;
  };
  void set_skewed(std::string_view name, state&, std::int64_t ahead_ms);
  state* find_or_add(std::string_view host);

  tick_grid grid_;
  std::unordered_map<std::string, state, text_hash, std::equal_to<>> hosts_;
  std::vector<skewed_host> new_;
  std::size_t skewed_ = 0;
};

} // namespace tocsin
