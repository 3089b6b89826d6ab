#include "actors/http/connection_table.hpp"

#include "actors/http/body_charge.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::connection_table_test {
namespace {

using table = connection_table<int>;
using place = table::place;

constexpr table::bounds most{.total = 4, .of_client = 3};

struct connection_table_test : testing::Test {
  // Whom it displaced; -1: it got no place.
  std::vector<int> enter(int one, const std::string& client, bool scarce = false) {
    auto found = all.make_room(client, most, scarce);
    last = found.what;
    if (found.what != place::free) {
      return {-1};
    }
    all.add(one, client, all.share_of(client));
    return found.leaving;
  }
  using those = std::vector<int>;

  table all;
  place last = place::free;
};

TEST_F(connection_table_test, the_longest_unserved_makes_room) {
  for (const int one : {1, 2, 3, 4}) {
    EXPECT_EQ(enter(one, one < 3 ? "a" : "b"), those{});
  }
  EXPECT_EQ(enter(5, "c"), those{1});
  all.served(2);
  EXPECT_EQ(enter(6, "d"), those{3});
  EXPECT_EQ(enter(7, "e"), those{4});
  EXPECT_EQ(enter(8, "f"), those{5});
  EXPECT_EQ(enter(9, "g"), those{2});
  EXPECT_EQ(all.size(), 4u);
  EXPECT_EQ(all.of("a"), 0u);
}

TEST_F(connection_table_test, a_known_one_stays) {
  for (const int one : {1, 2, 3, 4}) {
    enter(one, one < 3 ? "a" : "b");
  }
  all.trust(1);
  all.trust(1);
  all.served(1);
  EXPECT_EQ(enter(5, "c"), those{2});
  for (const int one : {3, 4, 5}) {
    all.trust(one);
  }
  EXPECT_EQ(enter(6, "d"), those{-1});
  EXPECT_EQ(last, place::full);
  all.remove(3);
  all.remove(3);
  EXPECT_EQ(enter(6, "d"), those{});
}

TEST_F(connection_table_test, who_has_a_share_makes_room_for_itself_only) {
  enter(1, "a");
  for (const int one : {2, 3, 4}) {
    enter(one, "b");
  }
  EXPECT_EQ(enter(5, "b"), those{2});
  for (const int one : {3, 4, 5}) {
    all.trust(one);
  }
  EXPECT_EQ(enter(6, "b"), those{-1});
  EXPECT_EQ(last, place::client_full);
  EXPECT_EQ(enter(7, "c"), those{1});
}

TEST_F(connection_table_test, where_descriptors_are_scarce_one_goes_for_each_that_comes) {
  EXPECT_EQ(enter(1, "a", true), those{-1});
  EXPECT_EQ(enter(1, "a"), those{});
  EXPECT_EQ(enter(2, "b", true), those{1});
  all.trust(2);
  EXPECT_EQ(enter(3, "c", true), those{-1});
  EXPECT_EQ(last, place::full);
}

TEST_F(connection_table_test, refused_ones_take_no_place_and_displace_nobody) {
  for (const int one : {1, 2, 3}) {
    enter(one, "a");
    all.trust(one);
  }
  EXPECT_EQ(enter(9, "a"), those{-1});
  all.add_refused(9, "a", all.share_of("a"));
  EXPECT_EQ(all.refused(), 1u);
  EXPECT_EQ(all.refused_of("a"), 1u);
  EXPECT_EQ(all.of("a"), 3u);
  EXPECT_EQ(all.open(), 4u);
  EXPECT_EQ(enter(4, "b"), those{});
  all.trust(9); // has no effect
  all.served(9);
  all.remove(9);
  EXPECT_EQ(all.refused(), 0u);
  EXPECT_EQ(all.open(), 4u);
}

TEST_F(connection_table_test, connections_of_a_client_share_what_they_hold) {
  enter(1, "a");
  enter(2, "a");
  const auto share = all.share_of("a");
  EXPECT_EQ(share, all.share_of("a"));
  EXPECT_NE(share, all.share_of("b"));
}

TEST(body_charge, counts_for_all_and_for_the_client_until_it_is_given_back) {
  using verdict = body_charge::verdict;
  std::atomic<std::size_t> all{0};
  const auto client = std::make_shared<client_share>();
  const body_charge::bounds bounds{.all = 100, .of_client = 60};
  {
    body_charge one(all, bounds, client);
    EXPECT_EQ(one.would_fit(60), verdict::fits);
    EXPECT_EQ(one.would_fit(61), verdict::too_much_of_client);
    EXPECT_EQ(all, 0u);
    EXPECT_EQ(one.grow_to(20), verdict::fits);
    EXPECT_EQ(one.grow_to(50), verdict::fits);
    body_charge two(all, bounds, client);
    EXPECT_EQ(two.grow_to(11), verdict::too_much_of_client);
    body_charge of_another(all, bounds, std::make_shared<client_share>());
    EXPECT_EQ(of_another.grow_to(39), verdict::fits);
    EXPECT_EQ(of_another.grow_to(40), verdict::too_much);
    one.release();
    EXPECT_EQ(two.would_fit(49), verdict::fits);
  }
  EXPECT_EQ(all, 0u);
  EXPECT_EQ(client->body_bytes, 0u);
}

} // namespace
} // namespace tocsin::http::connection_table_test
