#pragma once

#include "bench/pipeline/process.hpp"
#include "bench/pipeline/sample_text.hpp"
#include "config/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::bench {

/// What the process that plays the hosts is told.
struct load_options {
  std::string url;    ///< where to POST; or
  std::string socket; ///< the Redis whose log is written
  std::string log_key = "tocsin:{0}:samples";
  std::uint64_t hosts = 1'000;
  std::uint64_t batch = 1'000; ///< samples in a request or an entry
  std::int64_t interval_ms = 10'000;
  std::int64_t first_tick = 0;
  std::int64_t last_tick = INT64_MAX;
  unsigned senders = 16; ///< threads, with a connection each; fewer where there is less to send
  sample_shape shape;

  /// As arguments of the program that read_load_options takes back, in order.
  std::vector<std::string> words() const;
};

/// What words() gave.
result<load_options> read_load_options(const std::vector<std::string>& words);

/// What became of one tick's samples.
struct load_report {
  std::int64_t tick = 0;
  std::uint64_t samples = 0; ///< acknowledged
  std::uint64_t lost = 0;    ///< not acknowledged in time, or refused
  double behind_ms = 0;      ///< how late the latest batch was sent, at most
  double answered_ms = 0;    ///< how long the slowest took to be acknowledged
};
/// One line of text, and back.
std::string write_report(const load_report&);
bool read_report(const std::string& line, load_report& into);

/// Sends every host's sample once per tick, spread evenly over the first 70 % of the interval, each
/// batch made ahead of its time; from the first tick to the last. Writes a report to standard
/// output for each tick, when all of it is answered. Blocks; SIGTERM ends it.
///
/// 1. A batch is of `batch` neighbouring hosts; its samples have its time as `ts`.
/// 2. A request that is refused for now is sent again, for up to an interval.
/// 3. SIGUSR1 with a number n: the storm begins at tick first_tick + n (see sample_shape).
/// 4. Memory: two batches per sender.
status run_load(const load_options&);

/// Starts a process that does so; what it has to say of errors goes to load.log in the folder.
result<child_process> start_load_process(const load_options&, const std::string& folder,
                                         bool read_reports);

/// When a batch is due, in ms after the tick's begin.
double batch_due_ms(std::uint64_t batch, std::uint64_t batches, std::int64_t interval_ms);

} // namespace tocsin::bench
