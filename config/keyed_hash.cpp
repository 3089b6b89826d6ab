#include "config/keyed_hash.hpp"

#include <random>

namespace tocsin {

namespace {

hash_key draw_key() {
  std::random_device system;
  const auto word = [&] { return std::uint64_t{system()} << 32 | system(); };
  const auto first = word();
  return {first, word()};
}

name_hash_keys draw_factors() {
  std::random_device system;
  name_hash_keys out{};
  for (auto& f : out.factor)
    for (int part = 0; part < 4; ++part)
      f = f << 32 | system();
  return out;
}

} // namespace

const hash_key& process_hash_key() {
  static const auto key = draw_key();
  return key;
}

const name_hash_keys& process_name_hash_keys() {
  static const auto keys = draw_factors();
  return keys;
}

} // namespace tocsin
