#pragma once

#include "actors/http/message.hpp"
#include "actors/http/session.hpp"
#include "actors/http/target.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <netinet/tcp.h>
#include <optional>

// What a session stands on: Asio and Beast, and what it makes of messages. Private to it.
namespace tocsin::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::uint64_t body_reserved_max = 1u << 20;
constexpr std::size_t read_bytes = 64u << 10; // without this room, POSTs are five times slower

using beast_request = boost::beast::http::request<boost::beast::http::string_body>;

/// A peer that does not acknowledge for so long what was sent to it is gone: of one that vanished
/// without a word nothing else tells, where little is sent.
inline void give_up_unacknowledged(session_socket& socket) {
  constexpr int timeout_ms = 45'000;
  using user_timeout = net::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  error_code ec;
  socket.set_option(user_timeout(timeout_ms), ec);
}

/// Why a request whose headers are there is not read on.
inline std::optional<refusal> why_not_read(const beast_request& head) {
  using boost::beast::http::field;
  const auto coding = head[field::transfer_encoding];
  if (!coding.empty() && !boost::beast::iequals(coding, "chunked")) {
    return refusal{501, "unknown-encoding", "Transfer-Encoding: only `chunked` is understood"};
  }
  const auto expect = head[field::expect];
  if (!expect.empty() && !boost::beast::iequals(expect, "100-continue")) {
    return refusal{417, "unknown-expectation", "Expect: only `100-continue` is understood"};
  }
  return std::nullopt;
}

/// The request as handlers see it, but for its body, which is still to come.
inline request to_request(const beast_request& head, target&& where, const std::string& remote) {
  request what;
  what.method = std::string(head.method_string());
  what.path = std::move(where.path);
  what.query = std::move(where.query);
  for (const auto& field : head) {
    what.headers.emplace_back(field.name_string(), field.value());
  }
  what.remote = remote;
  return what;
}

/// (greeting →) resting → reading → handling → writing → resting, or at last (→ streaming →
/// writing) → lingering → closed.
enum class phase { greeting, resting, reading, handling, writing, streaming, lingering, closed };

} // namespace tocsin::http
