#include "streams/redis/script.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace tocsin::redis {

namespace {

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i)
    hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

} // namespace

script::script(std::string_view source) : source_(source), sha1_(sha1_hex(source)) {}

std::vector<std::string_view> script::words_of(std::string_view key_count,
                                               std::span<const std::string_view> keys,
                                               std::span<const std::string_view> args) const {
  std::vector<std::string_view> words = {"EVALSHA", sha1_, key_count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), args.begin(), args.end());
  return words;
}

status script::load(connection& c) const {
  const auto r = c.call({"SCRIPT", "LOAD", source_});
  return r ? status(done{}) : status(r.failure());
}

void script::append_to(connection& c, std::span<const std::string_view> keys,
                       std::span<const std::string_view> args) const {
  const auto key_count = std::to_string(keys.size());
  c.append(words_of(key_count, keys, args));
}

result<reply> script::run(connection& c, std::span<const std::string_view> keys,
                          std::span<const std::string_view> args) const {
  const auto key_count = std::to_string(keys.size());
  auto words = words_of(key_count, keys, args);
  auto r = c.exchange(words);
  if (r && r->error_code() == "NOSCRIPT") {
    // Nothing ran. EVAL leaves the script behind for the next EVALSHA.
    words[0] = "EVAL";
    words[1] = source_;
    r = c.exchange(words);
  }
  if (r && r->is_error())
    return reply_error(c, "script", *r);
  return r;
}

} // namespace tocsin::redis
