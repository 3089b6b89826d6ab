#include "config/keyed_hash.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tocsin::keyed_hash_test {

namespace {

std::string bytes_from_0(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i)
    out += static_cast<char>(i);
  return out;
}

name_hash_keys keys_of(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  name_hash_keys out{};
  for (auto& f : out.factor) {
    f = random();
    f = f << 64 | random();
  }
  return out;
}

} // namespace

TEST(keyed_hash_test, siphash_2_4_gives_what_its_authors_published) {
  // Key 00 01 … 0f, texts of 0, 1, 2 … bytes 00 01 02 …
  const std::uint64_t published[] = {
      0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5};
  const hash_key key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  for (std::size_t n = 0; n < std::size(published); ++n)
    EXPECT_EQ((siphash<2, 4>(key, bytes_from_0(n))), published[n]) << n;
  EXPECT_EQ((siphash<2, 4>(key, bytes_from_0(63))), 0x958a324ceb064572);
}

TEST(keyed_hash_test, siphash_1_3_gives_what_cpython_gives) {
  // hash(bytes(range(n))) of CPython 3.11, n from 1, with PYTHONHASHSEED=0: a key of zeros.
  const std::uint64_t theirs[] = {0x68a914128e01e473, 0x010bac45c41e3669, 0x4d4c9a4a8ef6e0ad,
                                  0x7cc43f98813e4dbd, 0x5abe2169dff36275, 0xe3c25f87624f1cdb,
                                  0x2f098ab0c751325a, 0xead411e67ebe2eea, 0x75927f9d95124362,
                                  0xaf9f77a65ab51a1d, 0xfe64ce8b6617fcff, 0xa6baf4fb0f9fe1c2,
                                  0xa0cf3211850f8e0d, 0x7f86049379fbfe67, 0xf30eb725bb91c9ea};
  for (std::size_t n = 1; n <= std::size(theirs); ++n)
    EXPECT_EQ((siphash<1, 3>({0, 0}, bytes_from_0(n))), theirs[n - 1]) << n;
}

TEST(keyed_hash_test, names_that_differ_anywhere_have_different_hashes) {
  const auto keys = keys_of(1);
  std::set<std::uint64_t> hashes;
  std::size_t names = 0;
  for (std::size_t n = 0; n <= 160; ++n) {
    std::string name(n, 'x');
    hashes.insert(name_hash(keys, name));
    ++names;
    for (auto& c : name) {
      for (const char other : {'\0', 'y', '\xff'}) {
        c = other;
        hashes.insert(name_hash(keys, name));
        ++names;
      }
      c = 'x';
    }
  }
  EXPECT_EQ(hashes.size(), names);
}

TEST(keyed_hash_test, names_that_are_alike_spread_evenly) {
  constexpr std::size_t places = 1 << 16;
  for (const auto* form : {"%u", "host-%05u", "node-%u.rack-7.example.com", "%08u%08u"}) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const auto keys = keys_of(seed);
      std::vector<int> taken(places);
      for (unsigned i = 0; i < places; ++i) {
        char name[64];
        const auto n = std::snprintf(name, sizeof name, form, i, i);
        ++taken[name_hash(keys, {name, static_cast<std::size_t>(n)}) % places];
      }
      // Of 65,536 thrown at random the fullest place holds some 8.
      EXPECT_LE(*std::max_element(taken.begin(), taken.end()), 16) << form << ' ' << seed;
    }
  }
}

TEST(keyed_hash_test, another_key_gives_other_hashes) {
  EXPECT_NE(name_hash(keys_of(1), "web-1"), name_hash(keys_of(2), "web-1"));
  EXPECT_NE(name_hash(keys_of(1), "web-1"), name_hash("web-1"));
  const auto& drawn = process_hash_key();
  EXPECT_TRUE(drawn.first != 0 && drawn.second != 0 && drawn.first != drawn.second);
  EXPECT_NE(text_hash{}("web-1"), (siphash<1, 3>({0, 0}, "web-1")));
}

} // namespace tocsin::keyed_hash_test
