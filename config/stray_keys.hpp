#pragma once

#include "config/diagnostic.hpp"

#include <optional>
#include <string_view>

namespace tocsin {

/// A key that means something to whoever wrote it, but not where it stands.
struct stray_key {
  diagnostic::severity level; ///< an error where what was meant would not happen
  std::string_view advice;    ///< what is right instead, to stand behind the key in a message
};

/// What to say of a key that is none of ours in this place: "" (the root), "pro", "pro.monitoring",
/// "pro.alerting", "tocsin" or "rule". None where there is nothing to say but that it is unknown.
std::optional<stray_key> find_stray_key(std::string_view place, std::string_view key);

} // namespace tocsin
