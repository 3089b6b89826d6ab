#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Hashes of texts that come from outside. Whoever sends names must not know which of them fall into
// one place of a table, so every hash has a key that each process draws anew.
//
// 1. Nothing that is stored, sent or put in order may depend on them.
// 2. A hash never leaves the process.

namespace tocsin {

/// 128 secret bits.
struct hash_key {
  std::uint64_t first, second;
};

/// SipHash-c-d (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012).
template <int compressions, int finalizations>
std::uint64_t siphash(hash_key key, std::string_view text) {
  std::uint64_t a = key.first ^ 0x736f6d6570736575u;
  std::uint64_t b = key.second ^ 0x646f72616e646f6du;
  std::uint64_t c = key.first ^ 0x6c7967656e657261u;
  std::uint64_t d = key.second ^ 0x7465646279746573u;
  const auto rounds = [&](int n) {
    for (; n > 0; --n) {
      a += b;
      c += d;
      b = std::rotl(b, 13) ^ a;
      d = std::rotl(d, 16) ^ c;
      a = std::rotl(a, 32);
      c += b;
      a += d;
      b = std::rotl(b, 17) ^ c;
      d = std::rotl(d, 21) ^ a;
      c = std::rotl(c, 32);
    }
  };
  const auto take = [&](std::uint64_t word) {
    d ^= word;
    rounds(compressions);
    a ^= word;
  };
  const auto size = text.size();
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    take(word);
  }
  std::uint64_t last = 0;
  if (!text.empty()) // an empty text may be nowhere
    std::memcpy(&last, text.data(), text.size());
  take(last | std::uint64_t{size} << 56);
  c ^= 0xff;
  rounds(finalizations);
  return a ^ b ^ c ^ d;
}

/// This process's key, from the system's random numbers.
const hash_key& process_hash_key();

/// Of any text; for tables of the standard library, by std::string and std::string_view alike.
struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return siphash<1, 3>(process_hash_key(), text);
  }
};

/// Secret factors for names of up to `bytes_max` bytes.
struct name_hash_keys {
  __extension__ using wide = unsigned __int128;
  static constexpr std::size_t bytes_max = 128;
  std::array<wide, 2 + bytes_max / 8> factor; ///< an offset, of the length, of each eight bytes
};
const name_hash_keys& process_name_hash_keys();

/// Of names, of which there are several in each sample: three times as fast as SipHash.
///
/// The eight-byte words of a name and its length are multiplied by secret 128-bit factors; the
/// sum's upper half is the hash. Any two different names, chosen without knowing the factors, have
/// independent, evenly spread hashes (Lemire, Kaser: "Strongly universal string hashing is fast",
/// 2014, multilinear), so they are alike once in 2^64, whoever chose them. The mixing at the end
/// loses nothing; it leaves no neighbours in a table from names whose sums are near each other.
/// Longer names, which are rare, go through SipHash.
inline std::uint64_t name_hash(const name_hash_keys& keys, std::string_view name) {
  if (name.size() > name_hash_keys::bytes_max)
    return text_hash{}(name);
  const auto load = []<class T>(const char* from, T) {
    T word;
    std::memcpy(&word, from, sizeof word);
    return std::uint64_t{word};
  };
  const char* p = name.data();
  const auto* factor = keys.factor.data();
  auto sum = *factor++;
  sum += *factor++ * name.size();
  auto left = name.size();
  for (; left > 8; p += 8, left -= 8)
    sum += *factor++ * load(p, std::uint64_t{});
  // The last word overlaps what was read, or itself: no branch per byte, and with the length known
  // it still tells all names apart.
  std::uint64_t last = 0;
  if (name.size() >= 8)
    last = load(name.data() + name.size() - 8, std::uint64_t{});
  else if (left >= 4)
    last = load(p, std::uint32_t{}) | load(p + left - 4, std::uint32_t{}) << 32;
  else if (left > 0)
    last = load(p, std::uint8_t{}) | load(p + left / 2, std::uint8_t{}) << 8 |
           load(p + left - 1, std::uint8_t{}) << 16;
  sum += *factor * last;
  auto hash = static_cast<std::uint64_t>(sum >> 64);
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 32;
}

inline std::uint64_t name_hash(std::string_view name) {
  return name_hash(process_name_hash_keys(), name);
}

} // namespace tocsin
