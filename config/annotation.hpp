#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What stands in braces in an annotation: {{hostName}}.
enum class annotation_value : std::uint8_t {
  rule_name,
  host_name,
  trigger_value,     ///< as people read it: six significant digits
  trigger_value_raw, ///< as in the event
  field,
  threshold,
  timeframe, ///< as people read it: "2 minutes"
  none,
};

/// Their names, in the order of the enumerators.
inline constexpr std::array<std::string_view, 7> annotation_names = {
    "ruleName", "hostName", "triggerValue", "triggerValue.raw", "field", "threshold", "timeframe"};

/// An annotation taken apart: each piece is a text and the value behind it.
struct annotation_template {
  struct piece {
    std::string text;
    annotation_value value = annotation_value::none;
  };
  std::vector<piece> pieces;
  std::vector<std::string> problems; ///< as `tocsin check` warns about them
};

/// Takes it apart; blanks inside braces are allowed. It always gives something to show: a name that
/// is unknown stays in the text, "{{hostname: unknown}}", and braces that are not closed stay as
/// they are, with " (braces not closed)" at the end of the text.
annotation_template read_annotation(std::string_view text);

} // namespace tocsin
