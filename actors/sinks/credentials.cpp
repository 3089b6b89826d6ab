#include "actors/sinks/credentials.hpp"

#include <openssl/evp.h>

namespace tocsin {

namespace {

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0'); // and a null behind it
  const auto bytes = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(bytes));
  return out;
}

} // namespace

std::string authorization(const alertmanager_entry& to) {
  if (!to.token.empty())
    return "Bearer " + to.token;
  return to.username.empty() ? "" : "Basic " + base64(to.username + ':' + to.password);
}

} // namespace tocsin
