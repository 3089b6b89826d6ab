#include "actors/http/access.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

namespace tocsin::http {

namespace {

constexpr std::size_t token_bytes_max = 4096;
constexpr std::size_t token_bytes_short = 16;

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

result<secret> check_token(std::string_view text, std::string_view origin) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  if (text.empty()) {
    return error{fmt::format("{} holds no token: it is empty", origin)};
  }
  if (text.size() > token_bytes_max) {
    return error{
        fmt::format("the token in {} is longer than {} characters", origin, token_bytes_max)};
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return error{
        fmt::format("the token in {} must be one line of printable ASCII without blanks", origin)};
  }
  if (text.size() < token_bytes_short) {
    spdlog::warn("the token in {} has only {} characters and may be guessed; try: "
                 "openssl rand -hex 32",
                 origin, text.size());
  }
  return secret(std::string(text));
}

result<secret> read_token_file(const std::string& path) {
  struct stat about {};
  std::ifstream file(path, std::ios::binary);
  if (!file || stat(path.c_str(), &about) != 0) {
    return error{fmt::format("cannot read the token file {}: {}", path, std::strerror(errno))};
  }
  if (S_ISDIR(about.st_mode)) {
    return error{fmt::format("cannot read the token file {}: it is a folder", path)};
  }
  if ((about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    spdlog::warn("the token file {} can be read by other users; try: chmod 600 {}", path, path);
  }
  std::string text(token_bytes_max + 3, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return check_token(text, path);
}

bool needs_nothing(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/-/healthy" || path == "/-/ready";
}

// What stands before the port: "[::1]:9480" is "::1".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return authority.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

access judge_token(const access_token& token, const request& what) {
  const auto header = what.header("Authorization");
  if (!header) {
    return access::token_missing;
  }
  constexpr std::string_view scheme = "bearer ";
  if (lower_case(header->substr(0, scheme.size())) != scheme) {
    return access::token_missing;
  }
  std::string_view presented = header->substr(scheme.size());
  presented.remove_prefix(std::min(presented.find_first_not_of(' '), presented.size()));
  return token.matches(presented) ? access::allowed : access::token_wrong;
}

} // namespace

result<std::optional<secret>> read_token(const std::string& token_file, const char* environment) {
  if (token_file.empty() && environment == nullptr) {
    return std::optional<secret>{};
  }
  auto token =
      token_file.empty() ? check_token(environment, "TOCSIN_TOKEN") : read_token_file(token_file);
  if (!token) {
    return token.failure();
  }
  return std::optional<secret>(std::move(*token));
}

access_token::access_token(const secret& token) : digest_{} {
  SHA256(reinterpret_cast<const unsigned char*>(token.reveal().data()), token.reveal().size(),
         digest_.data());
}

bool access_token::matches(std::string_view presented) const {
  std::array<unsigned char, 32> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(presented.data()), presented.size(), digest.data());
  return CRYPTO_memcmp(digest.data(), digest_.data(), digest.size()) == 0;
}

access access_decision(const access_policy& policy, const request& what) {
  if (needs_nothing(what.path)) {
    return access::allowed;
  }
  if (policy.token) {
    return judge_token(*policy.token, what);
  }
  const auto host = what.header("Host");
  if (policy.loopback_names_only && host && !is_loopback(host_of(*host))) {
    return access::foreign_host;
  }
  if (const auto origin = what.header("Origin")) {
    const auto scheme = origin->find("://");
    const auto authority =
        scheme == std::string_view::npos ? std::string_view{} : origin->substr(scheme + 3);
    if (authority.empty() || !host || lower_case(authority) != lower_case(*host)) {
      return access::foreign_origin;
    }
  }
  return access::allowed;
}

response to_response(access why) {
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
  case access::foreign_origin:
    return to_response(refusal{403, "foreign-origin",
                               "a browser sent this for another site; use a token to allow it"});
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
