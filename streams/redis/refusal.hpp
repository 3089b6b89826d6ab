#pragma once

#include "config/result.hpp"

namespace tocsin::redis {

/// Whether connection::open failed because Redis answered and said no (password, user, database,
/// maxclients), rather than because nobody answered.
bool is_refusal(const error& why_not_open);

} // namespace tocsin::redis
