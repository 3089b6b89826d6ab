#include "actors/sinks/signature.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tocsin {

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i)
    hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string sign_body(std::string_view secret, std::int64_t unix_s, std::string_view body) {
  const auto text = fmt::format("{}.{}", unix_s, body);
  return fmt::format("t={},v1={}", unix_s, hmac_sha256_hex(secret, text));
}

} // namespace tocsin
