#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// HMAC-SHA256 in lower-case hex.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

/// The value of Tocsin-Signature: "t=SECONDS,v1=HEX", signed over "SECONDS.BODY", so that a request
/// that was caught cannot be sent again later as if it were new.
std::string sign_body(std::string_view secret, std::int64_t unix_s, std::string_view body);

} // namespace tocsin
