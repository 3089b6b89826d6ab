#include "streams/process/process.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace tocsin::process_test {
namespace {

using namespace std::chrono_literals;

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + 60s;
}

spawn_request shell(const std::string& script) {
  spawn_request r;
  r.path = "/bin/sh";
  r.words = {"sh", "-c", script};
  r.environment = {"A=b"};
  r.folder = "/";
  return r;
}

// What a script writes to its standard output, until it ends.
std::string output_of(spawn_request r, std::vector<int> more = {}) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  owned_fd ours(ends[0]), theirs(ends[1]);
  const owned_fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  r.descriptors = {nothing.get(), theirs.get(), nothing.get()};
  r.descriptors.insert(r.descriptors.end(), more.begin(), more.end());
  auto p = process::spawn(r);
  EXPECT_TRUE(p) << p.failure().message;
  theirs.close();
  std::string out;
  char c = 0;
  while (::read(ours.get(), &c, 1) == 1)
    out += c;
  EXPECT_TRUE(p->wait_end(soon()));
  return out;
}

TEST(process, has_the_descriptors_environment_and_folder_that_it_was_given_and_no_others) {
  const owned_fd inherited(::open("/dev/null", O_RDONLY)); // not close-on-exec
  const auto out =
      output_of(shell("for i in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && echo /fd/$i; "
                      "done; env | grep -v ^PWD= | sort; pwd"));
  EXPECT_EQ(out.find("/fd/3"), std::string::npos) << out;
  EXPECT_NE(out.find("/fd/2"), std::string::npos) << out;
  EXPECT_NE(out.find("A=b\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("PATH="), std::string::npos) << out;
  EXPECT_EQ(out.substr(out.size() - 3), "\n/\n") << out;
}

TEST(process, takes_descriptors_whatever_their_numbers) {
  // Their numbers are those of each other's places.
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  owned_fd reading(ends[0]), writing(ends[1]);
  ASSERT_EQ(::write(ends[1], "x\n", 2), 2);
  EXPECT_EQ(output_of(shell("echo y >&4; read a <&3; read b <&3; echo $a $b"),
                      {reading.get(), writing.get()}),
            "x y\n");
}

TEST(process, begins_with_default_signals_and_none_blocked) {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  EXPECT_EQ(output_of(shell("kill -TERM $$; echo survived")), "");
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  EXPECT_NE(std::signal(SIGTERM, before), SIG_ERR);
}

TEST(process, tells_how_it_ended) {
  auto exited = process::spawn(shell("exit 3"));
  ASSERT_TRUE(exited);
  ASSERT_TRUE(exited->wait_end(soon()));
  EXPECT_EQ(exited->end(), "exit code 3");
  auto killed = process::spawn(shell("sleep 100"));
  ASSERT_TRUE(killed);
  EXPECT_TRUE(killed->alive());
  killed->signal_group(SIGKILL);
  ASSERT_TRUE(killed->wait_end(soon()));
  EXPECT_EQ(killed->end(), "signal 9 (Killed)");
}

TEST(process, ends_with_the_thread_that_started_it_where_that_is_asked_for) {
  auto r = shell("sleep 100");
  r.signal_at_our_end = SIGKILL;
  std::optional<process> p;
  std::thread([&] {
    auto started = process::spawn(r);
    ASSERT_TRUE(started);
    p.emplace(std::move(*started));
    EXPECT_TRUE(p->alive());
  }).join();
  ASSERT_TRUE(p);
  EXPECT_TRUE(p->wait_end(soon()));
}

TEST(process, what_cannot_be_run_is_an_error_that_names_it) {
  auto r = shell("");
  r.path = "/nowhere/program";
  const auto missing = process::spawn(r);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.failure().message, "cannot run /nowhere/program: No such file or directory");
  r = shell("");
  r.folder = "/nowhere";
  EXPECT_FALSE(process::spawn(r));
}

TEST(process, programs_are_found_on_path) {
  EXPECT_TRUE(find_program("sh"));
  EXPECT_FALSE(find_program("no-such-program-anywhere"));
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_FALSE(find_program("./no-such-program"));
}

} // namespace
} // namespace tocsin::process_test
