#include "actors/http/cors.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace tocsin::http {

namespace {

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
         c == '[' || c == ']';
}

void let_read(response& answer, std::string_view origin) {
  answer.headers.emplace_back("Access-Control-Allow-Origin", origin);
  answer.headers.emplace_back("Vary", "Origin");
}

} // namespace

result<std::string> read_origin(std::string_view text) {
  std::string origin(text);
  std::transform(origin.begin(), origin.end(), origin.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool tls = origin.starts_with("https://");
  const std::size_t scheme = tls ? 8 : 7;
  if ((!tls && !origin.starts_with("http://")) || origin.size() == scheme ||
      !std::all_of(origin.begin() + static_cast<std::ptrdiff_t>(scheme), origin.end(),
                   is_host_character)) {
    return error{fmt::format("`{}` is no origin: write SCHEME://HOST or SCHEME://HOST:PORT, as "
                             "https://app.example, and nothing behind it",
                             text)};
  }
  const std::string_view usual = tls ? ":443" : ":80";
  if (origin.ends_with(usual)) {
    origin.erase(origin.size() - usual.size());
  }
  return origin;
}

std::optional<std::string> admitted_origin(const access_policy& policy, const request& what) {
  const auto origin = what.header("Origin");
  if (!origin ||
      std::find(policy.origins.begin(), policy.origins.end(), *origin) == policy.origins.end()) {
    return std::nullopt;
  }
  return std::string(*origin);
}

bool is_preflight(const request& what) {
  return what.method == "OPTIONS" && what.header("Access-Control-Request-Method");
}

response answer_preflight(std::string_view origin) {
  response answer{.status = 204};
  let_read(answer, origin);
  answer.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST");
  answer.headers.emplace_back("Access-Control-Allow-Headers",
                              "Authorization, Content-Type, Content-Encoding, Last-Event-ID");
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

responder readable_for(std::string origin, responder answer) {
  const auto owed = std::make_shared<responder>(std::move(answer));
  return responder([owed, origin = std::move(origin)](response what) {
    let_read(what, origin);
    what.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
    owed->send(std::move(what));
  });
}

} // namespace tocsin::http
