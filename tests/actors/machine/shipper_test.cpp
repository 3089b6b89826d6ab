#include "actors/machine/shipper.hpp"

#include <gtest/gtest.h>

namespace tocsin::shipper_test {
namespace {

const server_answer taken{.status = 202, .text = {}};
const server_answer no_answer{.status = 0, .text = "connection refused"};

server_answer answer_of(unsigned status) {
  return {.status = status, .text = {}};
}

shipper with_lines(std::size_t servers, int lines) {
  shipper ships(servers, 5000);
  for (int i = 0; i < lines; ++i) {
    ships.push(std::to_string(i));
  }
  return ships;
}

TEST(judge, only_202_is_a_promise) {
  EXPECT_EQ(judge(answer_of(202)), verdict_on_batch::taken);
  for (unsigned status : {0u, 100u, 200u, 204u, 301u, 302u, 500u, 502u, 503u, 504u}) {
    EXPECT_EQ(judge(answer_of(status)), verdict_on_batch::elsewhere) << status;
  }
}

TEST(judge, what_the_operator_or_time_can_mend_keeps_the_batch) {
  for (unsigned status : {401u, 403u, 404u, 405u, 407u, 408u, 415u, 421u, 425u, 429u}) {
    EXPECT_EQ(judge(answer_of(status)), verdict_on_batch::elsewhere) << status;
  }
  for (unsigned status : {400u, 402u, 409u, 422u, 431u}) {
    EXPECT_EQ(judge(answer_of(status)), verdict_on_batch::refused) << status;
  }
  EXPECT_EQ(judge(answer_of(413)), verdict_on_batch::too_large);
  server_answer plain = answer_of(400);
  plain.text = R"({"error":{"code":"tls-needed","message":"ask it with https://"}})";
  EXPECT_EQ(judge(plain), verdict_on_batch::elsewhere);
}

TEST(shipper, leaves_a_server_alone_for_an_hour_at_most) {
  shipper ships = with_lines(1, 1);
  ASSERT_TRUE(ships.next(0));
  ships.answered(0, {.status = 503, .text = {}, .retry_after_ms = 86'400'000});
  EXPECT_FALSE(ships.next(3'599'999));
  EXPECT_TRUE(ships.next(3'600'000));
}

TEST(shipper, sends_in_batches_and_in_order) {
  shipper ships = with_lines(1, 2500);
  std::vector<std::size_t> sizes;
  std::uint64_t expected_first = 0;
  while (const auto sent = ships.next(0)) {
    EXPECT_EQ(sent->batch.first, expected_first);
    expected_first = sent->batch.end;
    sizes.push_back(sent->batch.lines());
    ships.answered(0, taken);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1000, 1000, 500}));
  EXPECT_EQ(ships.delivered(), 2500u);
  EXPECT_FALSE(ships.wake_ms());
}

TEST(shipper, tries_the_next_server_at_once_and_stays_with_the_one_that_takes) {
  shipper ships = with_lines(3, 1);
  EXPECT_EQ(ships.next(0)->server, 0u);
  ships.answered(0, no_answer);
  EXPECT_EQ(ships.next(0)->server, 1u);
  ships.answered(0, taken);
  ships.push("more");
  EXPECT_EQ(ships.next(10)->server, 1u);
}

TEST(shipper, rests_when_all_servers_failed_until_the_next_sample_or_a_while) {
  shipper ships = with_lines(2, 1);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(ships.next(100));
    ships.answered(100, no_answer);
  }
  EXPECT_FALSE(ships.next(100));
  EXPECT_EQ(ships.wake_ms(), 100 + shipper::retry_rest_ms);
  EXPECT_TRUE(ships.next(100 + shipper::retry_rest_ms));
  ships.answered(5100, no_answer);
  ships.push("next sample");
  EXPECT_TRUE(ships.next(5101));
}

TEST(shipper, leaves_a_server_alone_that_asked_for_time) {
  shipper ships = with_lines(2, 1);
  ASSERT_EQ(ships.next(0)->server, 0u);
  ships.answered(0, {.status = 503, .text = {}, .retry_after_ms = 30'000});
  ASSERT_EQ(ships.next(0)->server, 1u);
  ships.answered(0, {.status = 429, .text = {}, .retry_after_ms = 10'000});
  ships.push("next sample");
  EXPECT_FALSE(ships.next(9'999)); // a new sample is no reason
  EXPECT_EQ(ships.wake_ms(), 10'000);
  EXPECT_EQ(ships.next(10'000)->server, 1u);
  ships.answered(10'000, no_answer);
  EXPECT_EQ(ships.next(30'000)->server, 0u);
}

TEST(shipper, one_bad_batch_does_not_block_the_rest) {
  shipper ships = with_lines(1, 1001);
  ASSERT_TRUE(ships.next(0));
  EXPECT_EQ(ships.answered(0, answer_of(400)), verdict_on_batch::refused);
  EXPECT_EQ(ships.refused(), 1000u);
  EXPECT_EQ(ships.next(0)->batch.lines(), 1u);
}

TEST(shipper, sends_less_at_once_where_a_batch_is_too_large_and_drops_only_a_single_line) {
  shipper ships = with_lines(1, 4);
  std::vector<std::size_t> sizes;
  while (const auto sent = ships.next(0)) {
    sizes.push_back(sent->batch.lines());
    const bool holds_line_2 = sent->batch.text.find("2\n") != std::string::npos;
    ships.answered(0, holds_line_2 || sizes.size() == 1 ? answer_of(413) : taken);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 2, 2, 1, 1}));
  EXPECT_EQ(ships.delivered(), 3u);
  EXPECT_EQ(ships.refused(), 1u);
}

TEST(shipper, hurry_forgets_every_rest) {
  shipper ships = with_lines(1, 1);
  ASSERT_TRUE(ships.next(0));
  ships.answered(0, {.status = 503, .text = {}, .retry_after_ms = 30'000});
  EXPECT_FALSE(ships.next(1));
  ships.hurry();
  EXPECT_TRUE(ships.next(1));
}

} // namespace
} // namespace tocsin::shipper_test
