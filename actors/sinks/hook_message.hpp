#pragma once

#include "actors/sinks/hook_folder.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// An error in a hook: "TypeError: …", "/…/alert.js:12:5" where it is known, and the stack.
struct hook_error {
  std::string message, place, stack;

  /// "MESSAGE (at PLACE)".
  std::string text() const;
};

enum class hook_level : std::uint8_t { debug, info, warn, error };

/// What the process that runs hooks reports: one line of JSON each.
struct hook_report {
  enum class kind : std::uint8_t {
    ready,    ///< it takes orders now; `number` is that of its process
    log,      ///< `hook` says `text` through bp.logger
    returned, ///< the order `number` is done
    removed,  ///< … its file was not there any more
    threw,    ///< … it threw `error`
    timeout,  ///< … it took too long, and may still be at it
    stale,    ///< … was not begun: files have changed, a new process is to run it
    fatal,    ///< it ends because of `error`, which nobody caught
  };
  kind what = kind::ready;
  std::uint64_t number = 0;
  hook_level level = hook_level::info;
  std::string hook, text;
  hook_error error;
};

/// None where the line is no report.
std::optional<hook_report> read_hook_report(std::string_view line);

/// The order to run a hook, as a line without its end. The incident travels as a text, so that
/// whatever stands in the stream cannot be more than one line.
std::string hook_order(std::uint64_t number, const hook_script&, std::string_view incident_json);

} // namespace tocsin
