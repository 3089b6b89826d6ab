#include "streams/redis/append_file.hpp"

#include "streams/redis/append_scan.hpp"
#include "streams/redis/embedded_server.hpp"
#include "tests/support/redis_fixture.hpp"

#include <fstream>
#include <sys/stat.h>

namespace tocsin::redis::append_file_test {

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

constexpr std::string_view one = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";
constexpr std::string_view begun = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view ended = "*1\r\n$4\r\nEXEC\r\n";

std::string text(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto p : parts)
    out += p;
  return out;
}

// A state folder whose Redis wrote a script's transaction last, and does not run.
class append_file_test : public ::testing::Test {
protected:
  void SetUp() override {
    auto s = start();
    auto c = test::redis_server::connect(s.address());
    ASSERT_TRUE(c.call({"XADD", "log", "1-1", "x", std::string(300, 'x')}).ok());
    before = bytes_of(file());
    ASSERT_TRUE(commit(c, "1"));
    whole = bytes_of(file());
    ASSERT_TRUE(s.stop().ok());
    ASSERT_GT(whole.size(), before.size());
  }
  embedded_server start() {
    embedded_server::options o;
    o.folder = folder.path();
    o.mended = [this](const std::string& what) { said.push_back(what); };
    auto s = embedded_server::start(o);
    if (!s) {
      ADD_FAILURE() << s.failure().message;
      std::abort();
    }
    return std::move(*s);
  }
  static bool commit(connection& c, const std::string& n) {
    return c
        .call({"EVAL",
               "for i = 1, 3 do redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. i, 'n', i) end "
               "redis.call('HSET', KEYS[2], 'tick', ARGV[1])",
               "2", "events", "progress", n})
        .ok();
  }
  fs::path file() const { return folder.path() + "/appendonlydir/appendonly.aof.1.incr.aof"; }
  std::string failure() const {
    const auto mended = mend_append_file(folder.path());
    return mended ? "" : mended.failure().message;
  }

  test::temp_folder folder;
  std::string before, whole;
  std::vector<std::string> said;
};

} // namespace

TEST(append_scan_test, a_file_of_whole_commands_is_good_to_its_end) {
  for (const auto& bytes : {std::string(), std::string(one),
                            text({one, "#TS:1700000000\r\n", begun, one, one, ended, one})}) {
    const auto s = scan_append_file(bytes);
    EXPECT_EQ(s.good, bytes.size());
    EXPECT_EQ(s.readable, bytes.size());
    EXPECT_FALSE(s.goes_on);
  }
}

TEST(append_scan_test, an_unfinished_transaction_is_not_good_but_readable) {
  const auto s = scan_append_file(text({one, begun, one}));
  EXPECT_EQ(s.good, one.size());
  EXPECT_EQ(s.readable, 2 * one.size() + begun.size());
  EXPECT_FALSE(s.goes_on);
}

TEST(append_scan_test, damage_with_commands_behind_it_is_told_from_a_torn_end) {
  auto bytes = text({one, one, one});
  bytes[one.size() + 5] = '9'; // the length of a word: it swallows what follows
  const auto s = scan_append_file(bytes);
  EXPECT_EQ(s.readable, one.size());
  EXPECT_EQ(s.goes_on, 2 * one.size());
}

TEST(append_scan_test, a_file_that_begins_as_rdb_is_read_behind_that) {
  const auto preamble = text({"REDIS0009\xfa", "*2\r\n$6\r\nSELECT\r\n", "\xff", "checksum"});
  const auto select = std::string("*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n");
  const auto s = scan_append_file(text({preamble, select, one, begun, one}));
  EXPECT_EQ(s.good, preamble.size() + select.size() + one.size());
  EXPECT_EQ(scan_append_file(preamble).good, preamble.size());
}

TEST_F(append_file_test, a_whole_file_is_left_as_it_is) {
  const auto mended = mend_append_file(folder.path());
  ASSERT_TRUE(mended.ok());
  EXPECT_FALSE(*mended);
  EXPECT_EQ(bytes_of(file()), whole);
}

TEST_F(append_file_test, a_folder_without_a_file_needs_nothing) {
  test::temp_folder empty;
  const auto mended = mend_append_file(empty.path());
  ASSERT_TRUE(mended.ok());
  EXPECT_FALSE(*mended);
}

TEST_F(append_file_test, a_commit_torn_at_any_byte_is_cut_off_whole_and_kept) {
  for (auto at = before.size() + 1; at < whole.size(); ++at)
    ASSERT_EQ(scan_append_file(std::string_view(whole).substr(0, at)).good, before.size()) << at;
  for (auto at = before.size() + 1; at < whole.size(); at += 9) { // files are synced
    write(file(), whole.substr(0, at));
    const auto mended = mend_append_file(folder.path());
    ASSERT_TRUE(mended.ok()) << at << ": " << mended.failure().message;
    ASSERT_TRUE(mended->has_value()) << at;
    ASSERT_EQ(bytes_of(file()), before) << at;
    const auto copy =
        folder.path() + "/appendonly.aof.1.incr.aof.cut-at-" + std::to_string(before.size());
    ASSERT_EQ(bytes_of(copy), whole.substr(before.size(), at - before.size())) << at;
    ASSERT_EQ((*mended)->find("the last " + std::to_string(at - before.size()) + " bytes of " +
                              file().string() + " were cut off"),
              0u)
        << **mended;
  }
}

TEST_F(append_file_test, what_comes_after_a_torn_commit_stands_alone_after_the_second_restart) {
  const auto length = whole.size() - before.size();
  for (const auto at : {length / 5, length / 2, length - 3}) {
    write(file(), whole.substr(0, before.size() + at));
    {
      auto s = start();
      auto c = test::redis_server::connect(s.address());
      EXPECT_EQ(c.call({"EXISTS", "events"})->number, 0);
      ASSERT_TRUE(commit(c, "2"));
      ASSERT_TRUE(s.stop().ok());
    }
    auto s = start();
    auto c = test::redis_server::connect(s.address());
    EXPECT_EQ(c.call({"XLEN", "events"})->number, 3) << at;
    EXPECT_EQ(c.call({"XRANGE", "events", "-", "+", "COUNT", "1"})->elements[0].elements[0].text,
              "2-1");
    EXPECT_EQ(c.call({"HGET", "progress", "tick"})->text, "2");
    ASSERT_TRUE(s.stop().ok());
    EXPECT_EQ(said.size(), 1u) << "said once, at the first of the two starts";
    said.clear();
  }
}

TEST_F(append_file_test, zeros_and_garbage_behind_the_last_command_are_cut_off) {
  for (const auto& tail :
       {std::string(4096, '\0'), text({begun, one, "*3\r\n$3\r\n"}) + std::string(777, '\0'),
        std::string(5000, '\xe7'), std::string("*")}) {
    write(file(), whole + tail);
    auto s = start();
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].find(std::to_string(tail.size()) + " bytes"), std::string::npos) << said[0];
    EXPECT_EQ(test::redis_server::connect(s.address()).call({"XLEN", "events"})->number, 3);
    ASSERT_TRUE(s.stop().ok());
    EXPECT_EQ(bytes_of(file()), whole);
    said.clear();
  }
}

TEST_F(append_file_test, damage_in_the_middle_is_refused_with_a_way_out_and_nothing_is_touched) {
  auto damaged = whole;
  damaged.replace(before.size() + 30, 40, std::string(40, '\0'));
  write(file(), damaged);
  const auto m = failure();
  EXPECT_EQ(m.find(file().string() + " is damaged at byte "), 0u) << m;
  for (const auto* words : {"goes on at byte", "backup", "redis-check-aof --fix"})
    EXPECT_NE(m.find(words), std::string::npos) << m;
  EXPECT_EQ(bytes_of(file()), damaged);
}

TEST_F(append_file_test, no_more_than_eight_copies_are_kept) {
  for (std::size_t n = 1; n <= 12; ++n) {
    std::string bytes;
    for (std::size_t i = 0; i < n; ++i)
      bytes += one;
    write(file(), bytes + "*");
    ASSERT_TRUE(mend_append_file(folder.path()).ok());
  }
  std::size_t copies = 0;
  for (const auto& e : fs::directory_iterator(folder.path()))
    copies += e.path().string().find(".cut-at-") != std::string::npos ? 1 : 0;
  EXPECT_EQ(copies, 8u);
  EXPECT_TRUE(fs::exists(file().filename().string().insert(0, folder.path() + "/") + ".cut-at-" +
                         std::to_string(12 * one.size())));
}

} // namespace tocsin::redis::append_file_test
