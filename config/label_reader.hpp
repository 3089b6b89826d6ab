#pragma once

#include "config/problem_list.hpp"
#include "config/text_map.hpp"

#include <optional>

namespace tocsin {

// Labels and annotations of a rule. Names are as Prometheus and Alertmanager take them. At most 32
// labels of 256 bytes, 2 KiB with their names, and 16 annotations of 1,024 bytes, 4 KiB with
// theirs.

/// Warns about labels that will not be seen: empty ones, alertname and instance, braces.
std::optional<text_map> read_labels(const json_cursor&, problem_list&);

/// Warns about what in a template stays unfilled.
std::optional<text_map> read_annotations(const json_cursor&, problem_list&);

} // namespace tocsin
