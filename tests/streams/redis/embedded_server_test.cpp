#include "streams/redis/embedded_server.hpp"

#include "streams/redis/folder_lock.hpp"
#include "streams/redis/server_check.hpp"
#include "tests/support/redis_fixture.hpp"

#include <fstream>
#include <set>
#include <sys/stat.h>

namespace tocsin::redis::embedded_server_test {

using test::redis_server;

namespace {

class embedded_server_test : public ::testing::Test {
protected:
  embedded_server::options options() const {
    embedded_server::options o;
    o.folder = state;
    return o;
  }
  embedded_server start() {
    auto s = embedded_server::start(options());
    if (!s) {
      ADD_FAILURE() << s.failure().message;
      std::abort();
    }
    return std::move(*s);
  }
  std::string failure() {
    auto s = embedded_server::start(options());
    return s ? "" : s.failure().message;
  }

  test::temp_folder folder;
  std::string state = folder.path() + "/deep/state";
};

} // namespace

TEST_F(embedded_server_test, is_a_redis_that_tocsin_accepts_in_a_folder_of_its_own) {
  auto s = start();
  EXPECT_TRUE(s.alive());
  EXPECT_FALSE(s.adopted());
  auto c = redis_server::connect(s.address());
  EXPECT_TRUE(check_server(c).ok());
  EXPECT_EQ(c.call({"CONFIG", "GET", "appendfsync"})->elements[1].text, "always");
  EXPECT_EQ(c.call({"CONFIG", "GET", "appendonly"})->elements[1].text, "yes");
  EXPECT_EQ(c.call({"CONFIG", "GET", "save"})->elements[1].text, "");
  EXPECT_EQ(c.call({"CONFIG", "GET", "port"})->elements[1].text, "0");
  struct stat st {};
  ASSERT_EQ(::stat(state.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700u);
  ASSERT_TRUE(s.stop().ok());
  EXPECT_FALSE(s.alive());
  EXPECT_FALSE(std::filesystem::exists(s.address().path));
}

TEST_F(embedded_server_test, keeps_what_it_acknowledged_through_stop_and_start) {
  {
    auto s = start();
    ASSERT_TRUE(redis_server::connect(s.address()).call({"SET", "k", "v"}).ok());
    ASSERT_TRUE(s.stop().ok());
  }
  auto s = start();
  EXPECT_EQ(redis_server::connect(s.address()).call({"GET", "k"})->text, "v");
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, killed_in_the_middle_comes_back_with_everything_acknowledged) {
  auto s = start();
  auto c = redis_server::connect(s.address());
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(c.call({"XADD", "k", "*", "i", std::to_string(i)}).ok());
  const auto pid = s.pid();
  ::kill(static_cast<pid_t>(pid), SIGKILL);
  EXPECT_TRUE(test::eventually([&] { return !s.alive(); }));
  EXPECT_FALSE(c.call({"PING"}).ok());
  ASSERT_TRUE(s.restart().ok());
  EXPECT_NE(s.pid(), pid);
  EXPECT_EQ(redis_server::connect(s.address()).call({"XLEN", "k"})->number, 200);
  ASSERT_TRUE(s.restart().ok()); // lives: nothing to do
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, a_torn_tail_of_its_file_does_not_keep_it_from_starting) {
  auto s = start();
  ASSERT_TRUE(redis_server::connect(s.address()).call({"SET", "k", "v"}).ok());
  ASSERT_TRUE(s.stop().ok());
  std::string log;
  for (const auto& f : std::filesystem::recursive_directory_iterator(state))
    if (f.path().string().ends_with(".incr.aof"))
      log = f.path().string();
  ASSERT_FALSE(log.empty());
  std::ofstream(log, std::ios::app) << "*3\r\n$3\r\nSET\r\n$1\r\nq\r\n$5\r\nto";
  ASSERT_TRUE(s.restart().ok());
  auto c = redis_server::connect(s.address());
  EXPECT_EQ(c.call({"GET", "k"})->text, "v");
  EXPECT_TRUE(c.call({"GET", "q"})->is_nil());
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, that_outlived_its_engine_is_adopted_and_not_doubled) {
  std::int64_t pid = 0;
  {
    auto lost = start(); // its end leaves the server running, as a crash does
    pid = lost.pid();
    ASSERT_TRUE(redis_server::connect(lost.address()).call({"SET", "k", "v"}).ok());
  }
  auto s = start();
  EXPECT_TRUE(s.adopted());
  EXPECT_EQ(s.pid(), pid);
  EXPECT_TRUE(s.alive());
  EXPECT_EQ(redis_server::connect(s.address()).call({"GET", "k"})->text, "v");
  ASSERT_TRUE(s.stop().ok());
  EXPECT_FALSE(s.alive());
  ASSERT_TRUE(s.restart().ok());
  EXPECT_FALSE(s.adopted());
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, that_lives_without_its_socket_is_never_doubled) {
  auto lost = std::make_optional(start());
  const auto address = lost->address();
  const auto pid = lost->pid();
  lost.reset();
  std::filesystem::rename(address.path, state + "/hidden.sock");
  auto o = options();
  o.answer_timeout_ms = 100;
  auto refused = embedded_server::start(o);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.failure().message.find("does not answer"), std::string::npos)
      << refused.failure().message;
  std::filesystem::rename(state + "/hidden.sock", address.path);
  auto s = start();
  EXPECT_EQ(s.pid(), pid);
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, a_stale_socket_is_no_obstacle) {
  auto s = start();
  ::kill(static_cast<pid_t>(s.pid()), SIGKILL);
  ASSERT_TRUE(test::eventually([&] { return !s.alive(); }));
  ASSERT_TRUE(std::filesystem::exists(s.address().path));
  ASSERT_TRUE(s.restart().ok());
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, a_folder_in_use_is_refused_with_its_owner) {
  auto s = start();
  EXPECT_EQ(failure(), "state folder " + state + " is in use by another tocsin (pid " +
                           std::to_string(::getpid()) +
                           "): stop it, or name another folder with --state-dir");
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, a_folder_that_cannot_be_used_is_named) {
  std::ofstream(folder.path() + "/file") << "x";
  state = folder.path() + "/file/state";
  EXPECT_EQ(failure().find("state folder " + state + " cannot be used: Not a directory"), 0u)
      << failure();
  state = "/proc/tocsin-state";
  EXPECT_EQ(failure().find("state folder /proc/tocsin-state cannot be used"), 0u) << failure();
}

TEST_F(embedded_server_test, a_missing_program_says_what_to_install) {
  auto o = options();
  o.program = "redis-server-that-is-not-there";
  auto s = embedded_server::start(o);
  ASSERT_FALSE(s.ok());
  EXPECT_NE(s.failure().message.find("apt-get install redis-server"), std::string::npos);
}

TEST_F(embedded_server_test, a_server_that_ends_at_once_gives_its_last_words) {
  std::filesystem::create_directories(state);
  std::ofstream(state + "/appendonlydir") << "in the way";
  const auto m = failure();
  EXPECT_NE(m.find("ended at once"), std::string::npos) << m;
  EXPECT_NE(m.find("appendonlydir"), std::string::npos) << m;
}

TEST_F(embedded_server_test, works_in_a_folder_whose_path_is_longer_than_a_socket_may_have) {
  state = folder.path() + "/" + std::string(100, 'a') + "/" + std::string(100, 'b');
  auto s = start();
  EXPECT_TRUE(redis_server::connect(s.address()).call({"PING"}).ok());
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, has_a_session_of_its_own_and_no_descriptor_of_ours) {
  const auto ours_path = folder.path() + "/ours";
  const int ours = ::open(ours_path.c_str(), O_RDWR | O_CREAT, 0600); // not close-on-exec
  auto s = start();
  EXPECT_EQ(::getsid(static_cast<pid_t>(s.pid())), s.pid());
  std::set<std::string> files;
  for (const auto& fd :
       std::filesystem::directory_iterator("/proc/" + std::to_string(s.pid()) + "/fd")) {
    std::error_code ignored;
    files.insert(std::filesystem::read_symlink(fd.path(), ignored).string());
  }
  EXPECT_EQ(files.count(ours_path), 0u);
  EXPECT_EQ(files.count(state + "/lock"), 0u);
  EXPECT_EQ(files.count(state + "/redis.lock"), 1u);
  ::close(ours);
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, that_does_not_react_is_killed_in_time) {
  auto s = start();
  ::kill(static_cast<pid_t>(s.pid()), SIGSTOP);
  ASSERT_TRUE(s.stop(50).ok());
  EXPECT_FALSE(s.alive());
}

TEST_F(embedded_server_test, tells_how_its_start_goes_on) {
  int reports = 0;
  auto o = options();
  o.report = [&](const embedded_server::progress&) { ++reports; };
  auto s = embedded_server::start(o);
  ASSERT_TRUE(s.ok());
  EXPECT_GT(reports, 0);
  ASSERT_TRUE(s->stop().ok());
}

TEST_F(embedded_server_test, in_a_folder_that_others_may_look_into_nothing_is_theirs_to_read) {
  std::filesystem::create_directories(state + "/appendonlydir"); // by somebody else, and earlier
  ::chmod(state.c_str(), 0755);
  ::chmod((state + "/appendonlydir").c_str(), 0755);
  auto s = start();
  ASSERT_TRUE(redis_server::connect(s.address()).call({"SET", "k", "v"}).ok());
  std::size_t seen = 0;
  for (const auto& f : std::filesystem::recursive_directory_iterator(state)) {
    struct stat st {};
    ASSERT_EQ(::stat(f.path().c_str(), &st), 0) << f.path();
    EXPECT_EQ(st.st_mode & 077, 0u) << f.path();
    ++seen;
  }
  EXPECT_GT(seen, 5u);
  ASSERT_TRUE(s.stop().ok());
}

TEST_F(embedded_server_test, a_folder_removed_under_it_is_noticed_and_made_again) {
  auto s = start();
  EXPECT_TRUE(s.in_place());
  const auto pid = s.pid();
  std::filesystem::remove_all(state);
  EXPECT_TRUE(s.alive()) << "it goes on as if it wrote";
  EXPECT_FALSE(s.in_place());
  ASSERT_TRUE(s.restart().ok());
  EXPECT_NE(s.pid(), pid);
  EXPECT_NE(::kill(static_cast<pid_t>(pid), 0), 0) << "the one without a folder has ended";
  EXPECT_TRUE(s.in_place());
  ASSERT_TRUE(redis_server::connect(s.address()).call({"SET", "k", "v"}).ok());
  ASSERT_TRUE(s.stop().ok());
  ASSERT_TRUE(s.restart().ok());
  EXPECT_EQ(redis_server::connect(s.address()).call({"GET", "k"})->text, "v");
  ASSERT_TRUE(s.stop().ok());
}

} // namespace tocsin::redis::embedded_server_test
