#include "actors/http/address_reach.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tocsin::http {

namespace {

namespace ip = boost::asio::ip;

struct v4_block {
  std::uint32_t first;
  unsigned bits;
};

constexpr v4_block link_local_v4{0xA9FE0000, 16};
constexpr std::array<v4_block, 13> own_v4 = {{
    {0x00000000, 8},  // this network; 0.0.0.0 reaches this machine
    {0x0A000000, 8},  // private
    {0x64400000, 10}, // shared with the provider (CGNAT)
    {0x7F000000, 8},  // this machine
    {0xAC100000, 12}, // private
    {0xC0000000, 24}, // protocols
    {0xC0000200, 24}, // documentation
    {0xC0A80000, 16}, // private
    {0xC6120000, 15}, // benchmarks
    {0xC6336400, 24}, // documentation
    {0xCB007100, 24}, // documentation
    {0xE0000000, 4},  // multicast
    {0xF0000000, 4},  // reserved, broadcast
}};

bool holds(const v4_block& block, std::uint32_t address) {
  return (address ^ block.first) >> (32 - block.bits) == 0;
}

address_reach reach_of_v4(std::uint32_t address) {
  if (holds(link_local_v4, address))
    return address_reach::link_local;
  const bool own = std::any_of(own_v4.begin(), own_v4.end(),
                               [&](const v4_block& b) { return holds(b, address); });
  return own ? address_reach::own : address_reach::everybody;
}

std::uint32_t v4_at(const ip::address_v6::bytes_type& b, std::size_t i) {
  return std::uint32_t{b[i]} << 24 | std::uint32_t{b[i + 1]} << 16 | std::uint32_t{b[i + 2]} << 8 |
         b[i + 3];
}

bool begins_with(const ip::address_v6::bytes_type& bytes,
                 std::initializer_list<unsigned char> with) {
  return std::equal(with.begin(), with.end(), bytes.begin());
}

address_reach reach_of_v6(const ip::address_v6& a) {
  const auto b = a.to_bytes();
  if (a.is_v4_mapped() || begins_with(b, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
    return reach_of_v4(v4_at(b, 12));
  if (begins_with(b, {0x20, 0x02}))
    return reach_of_v4(v4_at(b, 2));
  if (a.is_link_local())
    return address_reach::link_local;
  // All that is given out to networks is 2000::/3; of it, Teredo and documentation lead nowhere.
  const bool given_out = (b[0] & 0xE0) == 0x20;
  if (!given_out || begins_with(b, {0x20, 0x01, 0, 0}) || begins_with(b, {0x20, 0x01, 0x0D, 0xB8}))
    return address_reach::own;
  return address_reach::everybody;
}

} // namespace

address_reach reach_of(const ip::address& address) {
  return address.is_v4() ? reach_of_v4(address.to_v4().to_uint()) : reach_of_v6(address.to_v6());
}

} // namespace tocsin::http
