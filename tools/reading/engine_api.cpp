#include "tools/reading/engine_api.hpp"

#include "actors/http/address.hpp"
#include "tools/reading/json_writer.hpp"

#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

namespace {

constexpr std::int64_t answer_ms_max = 15'000;
constexpr std::int64_t quiet_ms_max = 45'000;
constexpr int tries_max = 5;
constexpr std::chrono::milliseconds busy_wait{300};

result<std::optional<http::secret>> read_token_of(const engine_address& at) {
  return http::read_token(at.token_file, std::getenv("TOCSIN_TOKEN"));
}

bool is_busy(const http::client_response& answer) {
  if (answer.status != 503)
    return false;
  const auto document = json_document::read(answer.body);
  return document && text_of(member_of(document->root(), "error"), "code") == "busy";
}

} // namespace

engine_api::engine_api(engine_address at, std::optional<http::secret> token)
    : at_(std::move(at)), token_(std::move(token)),
      client_({.ca_file = at_.ca_file, .body_bytes_max = json_document::text_bytes_max}) {}

result<std::unique_ptr<engine_api>> engine_api::open(engine_address at) {
  while (at.url.ends_with('/'))
    at.url.pop_back();
  const auto parts = http::parse_url(at.url);
  if (!parts)
    return error{"--to: " + parts.failure().message};
  if (at.url.find_first_of("?#") != std::string::npos)
    return error{"--to: paths are appended to this URL: write it without ? and #"};
  auto token = read_token_of(at);
  if (!token)
    return token.failure();
  if (*token && !parts->tls && !http::is_loopback(parts->host))
    spdlog::warn("the token goes to {} in clear; use https:// or a tunnel", parts->site());
  auto made = std::unique_ptr<engine_api>(new engine_api(std::move(at), std::move(*token)));
  made->site_ = parts->site();
  return made;
}

http::field_list engine_api::headers() const {
  http::field_list out;
  if (token_)
    out.emplace_back("Authorization", "Bearer " + token_->reveal());
  return out;
}

result<http::client_response> engine_api::ask_patiently(const std::string& url) {
  for (int tries = 1;; ++tries) {
    auto answer = client_.request("GET", url, headers(), {}, answer_ms_max);
    if (!answer || !is_busy(*answer) || tries == tries_max || cancelled_)
      return answer;
    std::this_thread::sleep_for(busy_wait * tries);
  }
}

result<json_document> engine_api::get(const api_path& path) {
  const auto answer = ask_patiently(at_.url + path.text());
  if (!answer)
    return error{describe_failure(answer.failure().message)};
  if (answer->status != 200)
    return error{describe_refusal(site_, answer->status, answer->body)};
  if (!answer->whole)
    return error{fmt::format("the answer of {} was cut off, or is larger than {} MiB", site_,
                             json_document::text_bytes_max >> 20)};
  auto document = json_document::read(answer->body);
  if (!document)
    return error{fmt::format("{} answers what is no JSON: is --to the engine's address?", site_)};
  return std::move(*document);
}

engine_api::stream_end engine_api::follow(const std::string& after, const http::piece_taker& take) {
  if (auto token = read_token_of(at_))
    token_ = std::move(*token); // else the one from before may still do
  auto sent = headers();
  sent.emplace_back("Accept", "text/event-stream");
  if (!after.empty())
    sent.emplace_back("Last-Event-ID", after);
  stream_end end;
  const auto answer = client_.follow(
      at_.url + "/api/v1/events", sent,
      [&](std::string_view piece) {
        end.began = true;
        return take(piece);
      },
      quiet_ms_max);
  if (!answer) {
    end.why = describe_failure(answer.failure().message);
  } else if (answer->status != 200) {
    end.final = answer->status < 500 && answer->status != 408 && answer->status != 429;
    end.why = describe_refusal(site_, answer->status, answer->body);
  } else {
    end.why = fmt::format("{} ended the event stream, or said nothing for {} s", site_,
                          quiet_ms_max / 1'000);
  }
  return end;
}

void engine_api::cancel() {
  cancelled_ = true;
  client_.cancel();
}

} // namespace tocsin
