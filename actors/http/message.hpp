#pragma once

#include "actors/http/answer_stream.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::http {

/// Names and values in the order in which they came. Names are compared without regard to case.
using field_list = std::vector<std::pair<std::string, std::string>>;

/// The first value under this name, ignoring case.
std::optional<std::string_view> find_field(const field_list& fields, std::string_view name);

/// A request as handlers see it: whole, decoded, and theirs to keep.
struct request {
  std::string method = {}; ///< as sent: "GET"
  std::string path = {};   ///< percent-decoded, always beginning with '/'
  std::string rest = {};   ///< of the path: what the route's parameter took
  field_list query = {};   ///< decoded pairs, in order
  field_list headers = {};
  std::string body = {};   ///< as sent: see decode_body for Content-Encoding
  std::string remote = {}; ///< "127.0.0.1:52814"

  std::optional<std::string_view> header(std::string_view name) const {
    return find_field(headers, name);
  }
  /// The first value of a query parameter; names of parameters are compared exactly.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  field_list headers = {}; ///< beside the ones that the server sets; one of the same name wins
  /// Held until the answer was written or is given up: for whoever bounds how many there are.
  std::shared_ptr<const void> hold = nullptr;
  /// Where set, the answer goes on: this is its body, and the connection closes behind it.
  std::shared_ptr<stream_reader> stream = nullptr;
};

/// Why a request is refused, in the one shape that all errors of the API have:
/// `{"error":{"code":"not-found","message":"…"}}`.
struct refusal {
  unsigned status;
  std::string code;    ///< for programs: lower-case words with dashes; never changes
  std::string message; ///< for people
};

response to_response(const refusal& why);

/// "Not Found" for 404; "Unknown" for what has no name.
std::string_view reason_phrase(unsigned status);

} // namespace tocsin::http
