#pragma once

#include <caf/all.hpp>

namespace tocsin {

/// For every actor, before anything else: what it throws ends it, and is logged with its reason; a
/// message that it does not know is logged and dropped. CAF would write both to standard output,
/// which is not a place for people to look.
void guard(caf::scheduled_actor* self);

} // namespace tocsin
