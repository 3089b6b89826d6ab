#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What stands in braces in the body of a webhook: {{hostName}}, {{labels.severity}}.
enum class body_value : std::uint8_t {
  rule_name,
  host_name,
  trigger_value,
  trigger_value_raw,
  field,
  threshold,
  timeframe,
  event, ///< "opened", "resolved" or "watchdog"
  reason,
  link, ///< the incident's page
  id,
  start_time,
  end_time,
  cluster,
  test,       ///< "test" where `tocsin hooks test` made the event up
  label,      ///< that of the name behind "labels."
  annotation, ///< that of the name behind "annotations."
  none,
};

/// Their names, in the order of the enumerators; behind the last two stands a name.
inline constexpr std::array<std::string_view, 17> body_value_names = {
    "ruleName",    "hostName",        "triggerValue", "triggerValue.raw", "field",
    "threshold",   "timeframe",       "event",        "reason",           "link",
    "id",          "startTime",       "endTime",      "cluster",          "test",
    "labels.NAME", "annotations.NAME"};

/// The body of a webhook's request with places for values. As JSON a value stands within a string
/// and is escaped, so that it cannot end it.
///
/// Bounds: the template has at most `bytes_max` bytes as it is written out, and `values_max`
/// values; each fills at most `value_bytes_max` bytes, six times as many escaped. So a filled body
/// stays below 16 KiB + 128 × 12 KiB = 1.6 MiB.
class body_template {
public:
  static constexpr std::size_t bytes_max = 16'384, values_max = 128, value_bytes_max = 2'048;

  struct piece {
    std::string text; ///< as it is sent
    body_value value = body_value::none;
    std::string name = {}; ///< of a label or an annotation

    friend bool operator==(const piece&, const piece&) = default;
  };

  /// None: there is no template.
  bool empty() const { return pieces.empty(); }
  /// With the values that `of` names; one that is longer is cut, with an ellipsis.
  std::string fill(const std::function<std::string(const piece&)>& of) const;

  std::vector<piece> pieces;
  bool plain_text = false; ///< text/plain, and not JSON

  friend bool operator==(const body_template&, const body_template&) = default;
};

} // namespace tocsin
