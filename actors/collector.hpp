#pragma once

#include "actors/engine_context.hpp"
#include "actors/messages.hpp"
#include "streams/redis/sample_log.hpp"
#include "streams/sample/column_entry.hpp"
#include "streams/sample/entry.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tocsin {

/// What became of samples that somebody handed in.
struct intake_answer {
  enum class outcome : std::uint8_t {
    stored,     ///< in the log
    overloaded, ///< too much is waiting: come again later
    refused,    ///< Redis answered, and did not take them (it is full, say): come again later
    away,       ///< Redis did not answer: come again later; some may be in the log
  };
  outcome what = outcome::stored;
  std::string why;
};

/// Samples on their way into the log. `answer` is called once, from the collector's thread.
struct intake_request {
  sample_rows samples;
  std::function<void(const intake_answer&)> answer;
};
using intake_ptr = std::shared_ptr<intake_request>;

/// Entries to append, in order.
using payloads_ptr = std::shared_ptr<const std::vector<redis::log_payload>>;

/// What became of each of them.
using stored_ptr = std::shared_ptr<const std::vector<intake_answer>>;

} // namespace tocsin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::intake_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::payloads_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::stored_ptr)

namespace tocsin {

struct collector_state {
  static inline const char* name = "collector";
  column_writer filling;                 ///< the entry being filled
  entry_writer packer;                   ///< of samples that are too large for it
  std::vector<redis::log_payload> ready; ///< entries that wait for the writer
  std::uint64_t entries_made = 0;
  std::uint64_t entries_answered = 0;
  std::size_t waiting_bytes = 0;
  bool writing = false;
  bool lingering = false;
  bool stopping = false;
  struct waiting {
    intake_ptr request;
    std::uint64_t last_entry; ///< number of the entry with its last line, from 1
    intake_answer answer;
    std::uint64_t first_entry;
    std::size_t bytes;
  };
  std::deque<waiting> requests;
};

/// Gathers samples into entries of the log, so that they are large: an entry is closed when it
/// holds 256 KiB, or 50 ms after its first line. One append is under way at a time; what comes
/// meanwhile goes with the next. At most 64 MiB wait; beyond, requests are answered `overloaded`.
caf::behavior collector(caf::stateful_actor<collector_state>* self, engine_context* ctx,
                        caf::actor log_writer);

} // namespace tocsin
