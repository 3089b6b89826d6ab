#pragma once

#include "actors/http/client.hpp"
#include "actors/http/token.hpp"
#include "config/json_document.hpp"
#include "config/result.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

/// Where an engine's HTTP interface is, and what it takes to read it.
struct engine_address {
  std::string url;
  std::string token_file = {}; ///< empty: TOCSIN_TOKEN, if it is set
  std::string ca_file = {};    ///< authorities for https://; empty: the system's
};

/// A path of the API, with its parameters percent-encoded.
class api_path {
public:
  explicit api_path(std::string path) : text_(std::move(path)) {}
  api_path& with(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

private:
  std::string text_;
  bool any_ = false;
};

/// What an answer that is not 200 means, and what to do about it. `site` is the URL's.
std::string describe_refusal(std::string_view site, unsigned status, std::string_view body);
/// The same of a connection that failed, with what http::client says of it.
std::string describe_failure(std::string_view why);

/// Reads an engine's HTTP API. One thread; `cancel` from any.
///
/// 1. A question takes 15 s at most, the engine's own limit being 10 s, and an answer 16 MiB. An
///    engine that is `busy` is asked again, five times at most.
/// 2. Errors say what to do.
/// 3. The token's file is read for each connection to the event stream, so that tokens can be
///    replaced while somebody follows.
class engine_api {
public:
  /// Looks at the URL and reads the token. The error is wrong usage.
  static result<std::unique_ptr<engine_api>> open(engine_address);

  result<json_document> get(const api_path&);

  /// How following ended.
  struct stream_end {
    bool began = false; ///< the engine had begun to send events
    bool final = false; ///< trying again would end the same way
    std::string why;
  };
  /// Follows the event stream behind an event, or from now on where `after` is empty, until `take`
  /// gives false or either side ends it. The stream is given up when nothing comes for 45 s: the
  /// engine sends something every 15 s.
  stream_end follow(const std::string& after, const http::piece_taker& take);

  /// Ends what is under way, and refuses everything after it.
  void cancel();
  bool cancelled() const { return cancelled_; }

private:
  engine_api(engine_address, std::optional<http::secret> token);
  http::field_list headers() const;
  result<http::client_response> ask_patiently(const std::string& url);

  engine_address at_;
  std::string site_;
  std::optional<http::secret> token_;
  http::client client_;
  std::atomic<bool> cancelled_{false};
};

} // namespace tocsin
