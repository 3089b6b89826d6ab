#include "actors/http/access.hpp"

#include "actors/http/cors.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace tocsin::http {

namespace {

// What stands before the port: "[::1]:9480" is "::1".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return authority.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

// The token that the request presents, or nothing.
std::optional<std::string_view> presented_token(const request& what) {
  const auto header = what.header("Authorization");
  constexpr std::string_view scheme = "bearer ";
  if (!header || lower_case(header->substr(0, scheme.size())) != scheme) {
    return std::nullopt;
  }
  std::string_view presented = header->substr(scheme.size());
  presented.remove_prefix(std::min(presented.find_first_not_of(' '), presented.size()));
  return presented;
}

// `none` is an address that somebody typed; programs that are no browsers say nothing.
bool is_for_another_site(const request& what) {
  const auto site = what.header("Sec-Fetch-Site");
  return site && *site != "same-origin" && *site != "none";
}

access judge_token(const std::vector<access_token>& tokens, const request& what, right needed) {
  const auto presented = presented_token(what);
  if (!presented) {
    return access::token_missing;
  }
  const auto digest = digest_of(*presented);
  bool known = false;
  bool enough = false;
  for (const auto& token : tokens) { // all of them, whichever it is
    const bool same = token.matches(digest);
    known |= same;
    enough |= same && token.gives(needed);
  }
  return enough ? access::allowed : known ? access::right_missing : access::token_wrong;
}

std::string_view name_of(right what) {
  return what == right::read ? "read" : what == right::write ? "write" : "admin";
}

} // namespace

access access_decision(const access_policy& policy, const request& what, right needed) {
  if (needed == right::open) {
    return access::allowed;
  }
  if (!policy.tokens.empty()) {
    return judge_token(policy.tokens, what, needed);
  }
  const auto host = what.header("Host");
  if (policy.loopback_names_only && host && !is_loopback(host_of(*host))) {
    return access::foreign_host;
  }
  const auto origin = what.header("Origin");
  if (!origin) {
    return is_for_another_site(what) ? access::foreign_origin : access::allowed;
  }
  if (!admitted_origin(policy, what)) {
    const auto scheme = origin->find("://");
    const auto authority =
        scheme == std::string_view::npos ? std::string_view{} : origin->substr(scheme + 3);
    if (authority.empty() || !host || lower_case(authority) != lower_case(*host)) {
      return access::foreign_origin;
    }
  }
  return access::allowed;
}

response to_response(access why, right needed) {
  switch (why) {
  case access::token_missing:
  case access::token_wrong: {
    const bool missing = why == access::token_missing;
    response answer = to_response(
        missing ? refusal{401, "token-missing", "this needs a token: Authorization: Bearer TOKEN"}
                : refusal{401, "token-wrong", "this is not the server's token"});
    answer.headers.emplace_back("WWW-Authenticate",
                                missing ? "Bearer realm=\"tocsin\""
                                        : "Bearer realm=\"tocsin\", error=\"invalid_token\"");
    return answer;
  }
  case access::right_missing:
    return to_response(
        refusal{403, "token-lacks-right",
                fmt::format("this token is good, but not for this: a {} token is needed",
                            name_of(needed))});
  case access::foreign_origin:
    return to_response(
        refusal{403, "foreign-origin",
                "a browser sent this for another site; use a token, or --cors-origin"});
  case access::foreign_host:
    return to_response(refusal{
        403, "foreign-host",
        "without a token only requests to localhost, 127.0.0.1 or [::1] are answered; use a token "
        "to be reached by another name"});
  case access::allowed:
    break;
  }
  return {};
}

status require_token_unless_loopback(const listen_address& listen, bool have_token, bool insecure) {
  if (have_token || insecure || is_loopback(listen.host)) {
    return done{};
  }
  return error{fmt::format(
      "{} can be reached from other machines, so a token is needed: write one with `openssl rand "
      "-hex 32 > token` and give it as --token-file token (or in TOCSIN_TOKEN); or listen on "
      "127.0.0.1; or say --insecure to let anybody write samples and read incidents",
      to_string(listen))};
}

} // namespace tocsin::http
