#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::connection_test {

using test::redis_server;

class connection_test : public test::redis_test {};

TEST_F(connection_test, carries_any_bytes_there_and_back) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes.push_back(static_cast<char>(i));
  ASSERT_TRUE(c.call({"SET", "key", bytes}).ok());
  EXPECT_EQ((*c.call({"GET", "key"})).text, bytes);
  ASSERT_TRUE(c.call({"SET", "empty", ""}).ok());
  EXPECT_EQ((*c.call({"GET", "empty"})).text, "");
  EXPECT_TRUE((*c.call({"GET", "missing"})).is_nil());
}

TEST_F(connection_test, answers_a_pipeline_in_order_with_errors_as_values) {
  c.append({"SET", "a", "1"});
  c.append({"LPUSH", "a", "x"});
  c.append({"GET", "a"});
  auto replies = c.flush();
  ASSERT_TRUE(replies.ok());
  ASSERT_EQ(replies->size(), 3u);
  EXPECT_EQ((*replies)[0].text, "OK");
  EXPECT_EQ((*replies)[1].error_code(), "WRONGTYPE");
  EXPECT_EQ((*replies)[2].text, "1");
}

TEST_F(connection_test, writes_a_pipeline_larger_than_any_socket_buffer_while_it_reads) {
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 40; ++i)
    c.append({"ECHO", megabyte});
  auto replies = c.flush();
  ASSERT_TRUE(replies.ok()) << replies.failure().message;
  ASSERT_EQ(replies->size(), 40u);
  EXPECT_EQ(replies->back().text, megabyte);
}

TEST_F(connection_test, is_sound_after_an_error_reply_that_names_place_and_command) {
  auto r = c.call({"NOSUCH"});
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.failure().message.find(c.where() + ": NOSUCH: ERR unknown command"), 0u)
      << r.failure().message;
  EXPECT_FALSE(c.broken());
  EXPECT_TRUE(c.call({"PING"}).ok());
}

TEST_F(connection_test, tells_the_clock_of_redis) {
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  EXPECT_NEAR(static_cast<double>(*c.server_time_ms()), static_cast<double>(now_ms), 60'000.0);
}

TEST_F(connection_test, uses_the_database_of_its_address) {
  auto third = server().address();
  third.database = 3;
  auto other = redis_server::connect(third);
  ASSERT_TRUE(other.call({"SET", "k", "v"}).ok());
  EXPECT_TRUE((*c.call({"GET", "k"})).is_nil());
  third.database = 99;
  auto none = connection::open(third);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.failure().message.find("no database 99"), std::string::npos);
}

TEST(connection, is_broken_after_a_timeout_and_says_so_from_then_on) {
  redis_server server;
  auto c = server.connect();
  server.signal(SIGSTOP);
  auto r = c.call({"PING"}, 50);
  ASSERT_FALSE(r.ok());
  EXPECT_NE(r.failure().message.find("no answer in time"), std::string::npos);
  EXPECT_TRUE(c.broken());
  server.signal(SIGCONT);
  EXPECT_FALSE(c.call({"PING"}).ok());
  EXPECT_TRUE(server.connect().call({"PING"}).ok());
}

TEST(connection, reports_a_server_that_was_killed_and_survives_writing_to_it) {
  redis_server server;
  auto c = server.connect();
  server.kill();
  const std::string megabyte(1 << 20, 'x');
  EXPECT_FALSE(c.call({"SET", "k", megabyte}).ok());
  EXPECT_TRUE(c.broken());
  EXPECT_FALSE(c.call({"SET", "k", megabyte}).ok());
}

TEST(connection, to_nobody_names_the_address_and_the_reason) {
  redis_address a;
  a.port = test::free_port();
  a.password = "secret";
  auto c = connection::open(a);
  ASSERT_FALSE(c.ok());
  EXPECT_NE(c.failure().message.find(std::to_string(a.port)), std::string::npos);
  EXPECT_NE(c.failure().message.find("refused"), std::string::npos);
  EXPECT_EQ(c.failure().message.find("secret"), std::string::npos);
}

TEST(connection, reaches_a_socket_whose_path_is_longer_than_107_bytes) {
  redis_server server;
  const auto deep = server.folder() + "/" + std::string(120, 'd');
  std::filesystem::create_directory(deep);
  std::filesystem::rename(server.address().path, deep + "/redis.sock");
  auto a = server.address();
  a.path = deep + "/redis.sock";
  ASSERT_GT(a.path.size(), 107u);
  EXPECT_TRUE(redis_server::connect(a).call({"PING"}).ok());
}

class password_test : public ::testing::Test {
protected:
  std::uint16_t port = test::free_port();
  redis_server server{{"--requirepass", "open sesame", "--port", std::to_string(port), "--user",
                       "alice", "on", ">wonder", "~*", "+@all"}};
  redis_address address = server.tcp_address(port);
};

TEST_F(password_test, logs_in_over_tcp_with_a_password_or_a_user) {
  address.password = "open sesame";
  EXPECT_TRUE(redis_server::connect(address).call({"PING"}).ok());
  address.user = "alice";
  address.password = "wonder";
  auto who = redis_server::connect(address).call({"ACL", "WHOAMI"});
  EXPECT_EQ(who->text, "alice");
}

TEST_F(password_test, a_wrong_password_is_named_and_not_shown) {
  address.password = "sesame";
  auto c = connection::open(address);
  ASSERT_FALSE(c.ok());
  const auto& m = c.failure().message;
  EXPECT_NE(m.find("refused the password: WRONGPASS"), std::string::npos) << m;
  EXPECT_EQ(m.find("sesame"), std::string::npos) << m;
}

TEST_F(password_test, a_missing_password_is_named) {
  auto c = connection::open(address);
  ASSERT_FALSE(c.ok());
  EXPECT_NE(c.failure().message.find("wants a password"), std::string::npos) << c.failure().message;
}

} // namespace tocsin::redis::connection_test
