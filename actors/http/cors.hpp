#pragma once

#include "actors/http/access.hpp"
#include "actors/http/responder.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::http {

/// An origin as browsers write it: "https://app.example", "http://10.0.0.5:8080". Lower case, and
/// without the scheme's own port. `*` is refused: with no token, any page could read.
result<std::string> read_origin(std::string_view text);

/// The request's origin, where the policy lets pages from there read the answers.
std::optional<std::string> admitted_origin(const access_policy& policy, const request& what);

/// Whether a browser asks what it may ask. Such a request carries no token, and is answered alike
/// whatever the path, so that it tells nothing.
bool is_preflight(const request& what);
response answer_preflight(std::string_view origin);

/// Lets pages from this origin read whatever is answered.
responder readable_for(std::string origin, responder answer);

} // namespace tocsin::http
