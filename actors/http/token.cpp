#include "actors/http/token.hpp"

#include "config/byte_order_mark.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

namespace tocsin::http {

namespace {

constexpr std::size_t token_bytes_max = 4096;
constexpr std::size_t token_bytes_short = 16;
constexpr std::size_t file_bytes_max = tokens_max * (token_bytes_max + 2);

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

result<std::string> read_token_file(const std::string& path) {
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
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return std::string(without_byte_order_mark(text));
}

// Tokens of a file stand one per line, those of a variable between blanks.
status add_tokens(std::string_view text, std::string_view between, std::string_view origin,
                  right gives, std::vector<access_token>& into) {
  std::size_t found = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(between), text.size());
    const auto one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty() || one == "\r") {
      continue;
    }
    if (++found > tokens_max) {
      return error{fmt::format("{} holds more than {} tokens", origin, tokens_max)};
    }
    auto token = check_token(one, origin);
    if (!token) {
      return token.failure();
    }
    into.emplace_back(*token, gives);
  }
  if (found == 0) {
    return error{fmt::format("{} holds no token: it is empty", origin)};
  }
  return done{};
}

status add_source(const token_source& from, std::vector<access_token>& into) {
  if (!from.file.empty()) {
    const auto text = read_token_file(from.file);
    return text ? add_tokens(*text, "\n", from.file, from.gives, into) : text.failure();
  }
  return from.value == nullptr ? status(done{})
                               : add_tokens(from.value, " \t\r\n", from.variable, from.gives, into);
}

} // namespace

result<std::optional<secret>> read_token(const std::string& token_file, const char* environment) {
  if (token_file.empty() && environment == nullptr) {
    return std::optional<secret>{};
  }
  auto text = token_file.empty() ? result<std::string>(environment) : read_token_file(token_file);
  if (!text) {
    return text.failure();
  }
  auto token = check_token(*text, token_file.empty() ? "TOCSIN_TOKEN" : token_file);
  if (!token) {
    return token.failure();
  }
  return std::optional<secret>(std::move(*token));
}

token_digest digest_of(std::string_view token) {
  token_digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return digest;
}

access_token::access_token(const secret& token, right gives)
    : digest_(digest_of(token.reveal())), gives_(gives) {}

bool access_token::matches(const token_digest& presented) const {
  return CRYPTO_memcmp(presented.data(), digest_.data(), digest_.size()) == 0;
}

bool access_token::gives(right needed) const {
  return gives_ == right::admin || needed == gives_ || needed <= right::any;
}

result<std::vector<access_token>> read_tokens(std::span<const token_source> sources) {
  std::vector<access_token> tokens;
  for (const auto& from : sources) {
    if (const auto read = add_source(from, tokens); !read) {
      return read.failure();
    }
  }
  return tokens;
}

} // namespace tocsin::http
