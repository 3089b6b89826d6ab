#pragma once

#include "streams/rule/explain.hpp"

#include <optional>
#include <string>

namespace tocsin {

/// One sentence about a check: what the value was and what is needed, or why the verdict is
/// unknown. `first`: the host's first tick with the field.
std::string explain_words(const rule&, const tick_grid&, const explained_check&, tick first);

/// What must happen so that an open incident of the rule is resolved.
std::string resolves_when(const rule&);

/// What must happen so that one opens. `cooling_until_ms`: not before that.
std::string opens_when(const rule&, std::optional<std::int64_t> cooling_until_ms);

} // namespace tocsin
