#include "streams/redis/reply_reader.hpp"

#include <gtest/gtest.h>

namespace tocsin::redis::reply_reader_test {

TEST(reply_reader, builds_nested_replies_however_the_bytes_are_cut) {
  const std::string whole("*4\r\n:-7\r\n$3\r\na\0b\r\n*2\r\n$-1\r\n+OK\r\n-ERR no\r\n", 41);
  reply_reader reader;
  std::optional<reply> got;
  for (char byte : whole) {
    ASSERT_FALSE(got.has_value());
    ASSERT_TRUE(reader.feed({&byte, 1}).ok());
    auto next = reader.next();
    ASSERT_TRUE(next.ok()) << next.failure().message;
    got = std::move(*next);
  }
  ASSERT_TRUE(got.has_value());
  ASSERT_EQ(got->elements.size(), 4u);
  EXPECT_EQ(got->elements[0].number, -7);
  EXPECT_EQ(got->elements[1].text, std::string("a\0b", 3));
  EXPECT_TRUE(got->elements[2].elements[0].is_nil());
  EXPECT_EQ(got->elements[2].elements[1].type, reply::kind::simple);
  EXPECT_EQ(got->elements[3].error_code(), "ERR");
}

TEST(reply_reader, gives_several_replies_of_one_piece) {
  reply_reader reader;
  ASSERT_TRUE(reader.feed(":1\r\n:2\r\n").ok());
  EXPECT_EQ((*reader.next())->number, 1);
  EXPECT_EQ((*reader.next())->number, 2);
  EXPECT_FALSE((*reader.next()).has_value());
}

TEST(reply_reader, refuses_what_is_not_the_protocol) {
  reply_reader reader;
  ASSERT_TRUE(reader.feed("HTTP/1.1 400 Bad Request\r\n").ok());
  auto next = reader.next();
  ASSERT_FALSE(next.ok());
  EXPECT_NE(next.failure().message.find("not the Redis protocol"), std::string::npos);
}

TEST(reply_reader, refuses_an_array_of_a_billion_elements) {
  reply_reader reader;
  ASSERT_TRUE(reader.feed("*1000000000\r\n").ok());
  EXPECT_FALSE(reader.next().ok());
}

} // namespace tocsin::redis::reply_reader_test
