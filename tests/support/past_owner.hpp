#pragma once

#include "streams/partition/cluster_tally.hpp"
#include "streams/partition/host_history.hpp"

#include <cmath>
#include <memory>
#include <string_view>
#include <vector>

namespace tocsin {

inline constexpr tick first = 1'000;
inline constexpr std::int64_t interval_ms = 10'000; // five minutes: 30 ticks

/// An engine's windows, and the past behind them.
struct owner {
  explicit owner(std::vector<watched_field> watched = {}, tick next = first,
                 std::size_t bytes = host_history::bytes_most)
      : in({interval_ms, 0}, {16'384, 16, 100 * interval_ms}, watched), past(bytes) {
    in.begin(next);
  }
  void report(std::string_view host, std::vector<field_value> values, tick ago = 0,
              bool gone = false) {
    in.apply({host, (in.next() - ago) * interval_ms, true, gone, {}, values});
  }
  void seal() {
    const auto n = in.next();
    in.seal(false);
    const auto at = fields->places(in.fields());
    tally.begin(n, false);
    past.begin(n, in, at);
    while (!tally.step(in, at, 2, &past)) {
    }
  }
  void enter() { past.enter(in, fields->places(in.fields())); }
  double value(std::string_view host, const char* field, tick n) const {
    const auto h = in.hosts().find(host);
    const auto f = in.fields().find(field);
    const auto* block = h && f ? past.find(in, *f, *h / block_hosts) : nullptr;
    const auto* row = block ? block->find(n) : nullptr;
    return row ? row[*h % block_hosts] : NAN;
  }
  std::int64_t ticks(const char* field) const { return past.ticks(in, *in.fields().find(field)); }

  intake in;
  std::shared_ptr<cluster_history> fields = std::make_shared<cluster_history>();
  cluster_tally tally;
  host_history past;
};

} // namespace tocsin
