#pragma once

#include "actors/api/tick_report.hpp"

#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tocsin {

/// What this engine remembers of its last ticks, and of reports that were rejected: for people who
/// look. Any thread may call anything. Some 40 KB.
class engine_record {
public:
  static constexpr std::size_t ticks_max = 360;
  static constexpr std::size_t rejections_max = 16;
  static constexpr std::size_t text_bytes_max = 400;

  struct rejection {
    std::int64_t at_ms;
    std::string what, why;
  };

  void add(const tick_report&);
  void add(rejection);
  /// Oldest first.
  std::vector<tick_report> ticks() const;
  std::vector<rejection> rejections() const;

private:
  mutable std::mutex mutex_;
  boost::circular_buffer<tick_report> ticks_{ticks_max};
  boost::circular_buffer<rejection> rejections_{rejections_max};
};

} // namespace tocsin
