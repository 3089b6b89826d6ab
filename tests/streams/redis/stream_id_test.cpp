#include "streams/redis/stream_id.hpp"

#include <gtest/gtest.h>

namespace tocsin::redis::stream_id_test {

TEST(stream_id, is_read_back_as_it_was_written) {
  const stream_id id{1'700'000'000'000, 17};
  EXPECT_EQ(id.text(), "1700000000000-17");
  EXPECT_EQ(stream_id::parse(id.text()), id);
  EXPECT_EQ(stream_id::parse("18446744073709551615-18446744073709551615"), stream_id::greatest());
}

TEST(stream_id, without_a_sequence_has_sequence_zero) {
  EXPECT_EQ(stream_id::parse("12"), (stream_id{12, 0}));
}

TEST(stream_id, refuses_everything_else) {
  for (const char* bad : {"", "-", "1-", "-1", "a-1", "1-b", "1-2-3", " 1-1", "1-1 ", "+1-1",
                          "18446744073709551616-0"})
    EXPECT_FALSE(stream_id::parse(bad)) << bad;
}

TEST(stream_id, is_ordered_by_ms_then_sequence) {
  EXPECT_LT((stream_id{1, 9}), (stream_id{2, 0}));
  EXPECT_LT((stream_id{2, 0}), (stream_id{2, 1}));
}

TEST(stream_id, has_a_next_one_unless_it_is_the_greatest) {
  EXPECT_EQ((stream_id{1, 2}.next()), (stream_id{1, 3}));
  EXPECT_EQ((stream_id{1, UINT64_MAX}.next()), (stream_id{2, 0}));
  EXPECT_EQ(stream_id::greatest().next(), stream_id::greatest());
}

} // namespace tocsin::redis::stream_id_test
