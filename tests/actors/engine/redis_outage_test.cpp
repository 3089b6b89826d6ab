#include "actors/redis_outage.hpp"

#include <gtest/gtest.h>

namespace tocsin::redis_outage_test {
namespace {

TEST(redis_outage, is_said_once_whoever_finds_out_and_whenever) {
  redis_outage o;
  EXPECT_FALSE(o.ends(1)) << "the first connection of all";
  EXPECT_TRUE(o.begins(1));
  EXPECT_FALSE(o.begins(1)) << "another one's";
  EXPECT_FALSE(o.begins(15)) << "none could be made";
  EXPECT_TRUE(o.ends(20));
  EXPECT_FALSE(o.ends(21));
  EXPECT_FALSE(o.begins(2)) << "one of before, that nobody had needed until now";
  EXPECT_FALSE(o.ends(30));
  EXPECT_TRUE(o.begins(21)) << "the next outage";
  EXPECT_TRUE(o.ends(40));
  EXPECT_FALSE(o.begins(30));
  EXPECT_TRUE(o.begins(41));
}

} // namespace
} // namespace tocsin::redis_outage_test
