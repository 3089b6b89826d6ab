#pragma once

#include "actors/http/message.hpp"
#include "config/http_url.hpp"
#include "config/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tocsin::http {

using url_parts = http_url;

/// read_http_url, whose error quotes the URL (but never a password).
result<url_parts> parse_url(std::string_view url);

struct client_response {
  unsigned status = 0;
  field_list headers;
  std::string body;
  /// Whether the body is there to its end, and not cut off by the server, the time or
  /// `body_bytes_max`.
  bool whole = true;

  std::optional<std::string_view> header(std::string_view name) const {
    return find_field(headers, name);
  }
};

struct client_options {
  /// Authorities for https:// in PEM form instead of the system's; empty: the system's.
  std::string ca_file = {};
  /// The certificate (with its chain) and key that are shown to a server that asks for one, in PEM
  /// form; empty: none. They are read for each new connection, so that renewed ones count.
  std::string cert_file = {}, key_file = {};
  /// Whether a name may stand for an address that is not public, and link-local ones may be used at
  /// all. Without, each address that a name is resolved to is looked at before it is connected to;
  /// one that is written in the URL itself, and `localhost`, are meant.
  bool private_addresses = true;
  /// What is read of an answer's body; the connection is closed on the rest.
  std::size_t body_bytes_max = 1u << 20;
};

/// Takes a piece of a body that has no end; false: no more is wanted.
using piece_taker = std::function<bool(std::string_view piece)>;

/// A small blocking HTTP/1.1 client that keeps its last connection and uses it again for the same
/// scheme, host and port. It owns that connection.
///
/// 1. One thread at a time; `cancel` from any.
/// 2. A request takes at most `timeout_ms`. A look into the system's resolver that hangs is left
///    behind; there is never more than one.
/// 3. https:// verifies the certificate and its name against the system's authorities (OpenSSL's
///    SSL_CERT_FILE and SSL_CERT_DIR are honoured).
/// 4. A request on a kept connection that the server closed before answering, or answered with 408,
///    is sent once more on a new one: send only what is safe to repeat. A kept connection on which
///    anything came meanwhile is not used: it would be taken for the answer.
/// 5. Interim answers are passed over, redirects not followed. Once status and headers are there it
///    is an answer, whatever becomes of its body: see `client_response::whole`.
/// 6. Errors name the site and not the rest of the URL, which may be a secret.
class client {
public:
  explicit client(client_options options = {});
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  result<client_response> request(std::string_view method, std::string_view url,
                                  const field_list& headers, std::string_view body,
                                  std::int64_t timeout_ms);
  /// GET of what has no end. The body of a 200 goes to `take` piece by piece as it comes, and none
  /// of it stays in the answer, which is there when either side has ended it; the body of another
  /// status is read as `request` reads it. `quiet_ms` is the longest wait for the connection and
  /// the head, and for each piece.
  result<client_response> follow(std::string_view url, const field_list& headers,
                                 const piece_taker& take, std::int64_t quiet_ms);
  /// https:// takes any certificate from now on: for a program that asks itself whether it answers.
  /// Nothing secret may be sent then.
  void trust_anyone();
  /// Ends a request in progress and every later one with an error.
  void cancel();

private:
  struct impl;
  result<client_response> ask(std::string_view method, std::string_view url,
                              const field_list& headers, std::string_view body,
                              std::int64_t timeout_ms, const piece_taker* take);
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::http
