#pragma once

#include "streams/partition/engine.hpp"
#include "streams/sample/sample_reader.hpp"

#include <cstdint>
#include <functional>
#include <istream>

namespace tocsin {

/// Runs the semantics over a file of samples and heartbeats, line by line.
class file_replay {
public:
  struct handlers {
    std::function<void(const incident_event&)> event;
    /// A line was rejected (number from 1) and had no effect.
    std::function<void(std::uint64_t line, const std::string& why)> rejected;
    /// A field of a line was dropped.
    std::function<void(std::uint64_t line, const dropped_field&)> dropped;
  };
  file_replay(std::shared_ptr<const partition_plan>, handlers);

  /// Applies one line, without its newline.
  void line(std::string_view text);

  /// The end of the file: every tick up to the last with a sample is sealed.
  void finish();

  const partition_engine& engine() const { return engine_; }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t rejected() const { return rejected_; }

private:
  void seal_next();
  void reject(const std::string& why);

  partition_engine engine_;
  handlers handlers_;
  sample_reader reader_{sample_reader::source::file};
  std::uint64_t lines_ = 0;
  std::uint64_t rejected_ = 0;
  std::optional<std::int64_t> log_ms_;
};

} // namespace tocsin
