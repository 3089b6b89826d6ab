#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// A URL's parts. `port` is the scheme's own where none is written.
struct http_url {
  bool tls = false;
  std::string host; ///< without brackets
  std::uint16_t port = 80;
  std::string path; ///< with the query; at least "/"

  /// "https://hooks.example.com", "http://[::1]:9093": what may be shown. The rest of a URL is
  /// often a secret.
  std::string site() const;
};

/// Reads "http://host[:port][/path]" and "https://…". User names in URLs are refused. The error
/// says what is wrong and quotes nothing of the URL.
result<http_url> read_http_url(std::string_view url);

} // namespace tocsin
