#pragma once

#include "actors/http/responder.hpp"

#include <cstddef>
#include <functional>
#include <limits>

namespace tocsin::http {

/// What becomes of a request: decided when its headers are there, before anything is done for its
/// body.
struct admission {
  /// Who answers it.
  handler handle = nullptr;
  /// It is answered as it stands: a body that is still to come is not read.
  bool refused = false;
  /// A larger body is answered with 413.
  std::size_t body_bytes_max = std::numeric_limits<std::size_t>::max();
  /// Its client has shown that it may do what not everybody may: its connection is not given up
  /// for another.
  bool known = false;
};

/// Called on the server's threads, with a request that has no body yet.
using doorkeeper = std::function<admission(const request&)>;

} // namespace tocsin::http
