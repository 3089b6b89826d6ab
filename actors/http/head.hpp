#pragma once

#include "actors/http/message.hpp"

#include <cstddef>
#include <ctime>
#include <string>

namespace tocsin::http {

/// A response's status line and headers, up to and with the empty line. Adds Date, Content-Length,
/// Connection and the headers that keep browsers from guessing and framing; what the response sets
/// itself wins. One that goes on has no Content-Length. Line breaks in header values become blanks.
/// Pure.
std::string render_head(const response& what, bool keep_alive, std::time_t now);

} // namespace tocsin::http
