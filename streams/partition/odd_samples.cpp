#include "streams/partition/odd_samples.hpp"

#include <algorithm>

namespace tocsin {

void odd_samples::note(std::string_view host, sample_fate fate, std::int64_t at_ms,
                       std::int64_t ts_ms) {
  if (fate == sample_fate::late)
    late_.push_back({at_ms, std::string(host), ts_ms});
  else if (fate == sample_fate::early)
    early_.push_back({at_ms, std::string(host), ts_ms});
}

void odd_samples::note(const intake& in, std::span<const repeated_value> values,
                       std::int64_t at_ms) {
  for (const auto& v : values) {
    const auto& host = in.hosts().name(v.host);
    const auto tick_ms = in.grid().start_ms(v.at);
    const bool known = std::any_of(repeated_.begin(), repeated_.end(),
                                   [&](auto& r) { return r.tick_ms == tick_ms && r.host == host; });
    if (!known) // once for all fields of a sample
      repeated_.push_back({at_ms, host, tick_ms});
  }
}

} // namespace tocsin
