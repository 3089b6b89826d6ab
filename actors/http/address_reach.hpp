#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>

namespace tocsin::http {

/// Who can be reached at an address.
enum class address_reach : std::uint8_t {
  everybody,  ///< a public address
  own,        ///< this machine, a private network, or an address that means nothing outside one
  link_local, ///< this link only; clouds put their machines' credentials there
};

/// Addresses of IPv4 that are written as IPv6 (mapped, NAT64, 6to4) are judged as what they are.
address_reach reach_of(const boost::asio::ip::address& address);

} // namespace tocsin::http
