#include "actors/http/address_reach.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::address_reach_test {
namespace {

address_reach reach(const char* text) {
  return reach_of(boost::asio::ip::make_address(text));
}

TEST(address_reach, public_addresses_are_everybodys) {
  for (const char* a :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255", "2606:4700::1111",
        "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
    EXPECT_EQ(reach(a), address_reach::everybody) << a;
}

TEST(address_reach, loopback_and_private_ones_are_ones_own) {
  for (const char* a : {"127.0.0.1",
                        "127.255.255.255",
                        "0.0.0.0",
                        "10.0.0.1",
                        "172.16.0.1",
                        "172.31.255.255",
                        "192.168.0.1",
                        "100.64.0.1",
                        "100.127.255.255",
                        "198.18.0.1",
                        "224.0.0.1",
                        "255.255.255.255",
                        "::1",
                        "::",
                        "fc00::1",
                        "fd00:ec2::254",
                        "ff02::1",
                        "::ffff:10.0.0.1",
                        "::ffff:127.0.0.1",
                        "::127.0.0.1",
                        "64:ff9b::a00:1",
                        "2002:a00:1::1",
                        "2001::1",
                        "2001:db8::1"})
    EXPECT_EQ(reach(a), address_reach::own) << a;
}

TEST(address_reach, link_local_ones_are_apart) {
  for (const char* a : {"169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1",
                        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"})
    EXPECT_EQ(reach(a), address_reach::link_local) << a;
}

} // namespace
} // namespace tocsin::http::address_reach_test
