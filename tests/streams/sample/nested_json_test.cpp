#include "streams/sample/nested_json.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace tocsin::nested_json_test {
namespace {

// Field i has the value i + 1.
std::string nested(std::vector<std::string_view> fields, std::string_view labels = "",
                   std::optional<std::string_view> server = {}) {
  std::vector<double> values(fields.size());
  std::iota(values.begin(), values.end(), 1);
  std::string out;
  nested_json(fields).write(out, {"h\"1", server, 1700000000000, labels}, values);
  return out;
}

const std::string head = R"({"host":"h\"1","ts":1700000000000)";

TEST(nested_json, writes_samples_as_botpress_does) {
  EXPECT_EQ(nested({"errors.count", "mem.free", "custom", "cpu.usage", "mem.usage", "uptime"}),
            head + R"(,"uptime":6,"cpu":{"usage":4},"mem":{"usage":5,"free":2},)"
                   R"("errors":{"count":1},"custom":3})");
}

TEST(nested_json, says_which_server_speaks_behind_the_host) {
  EXPECT_EQ(nested({"x"}, R"({"a":"b"})", "s\"1"),
            R"({"host":"h\"1","serverId":"s\"1","ts":1700000000000,"labels":{"a":"b"},"x":1})");
  EXPECT_EQ(nested({"serverId.x"}, "", ""),
            R"({"host":"h\"1","serverId":"","ts":1700000000000,"serverId.x":1})");
}

TEST(nested_json, nests_as_deep_as_names_have_dots) {
  EXPECT_EQ(nested({"a.b.c", "a.b.d", "a.e"}), head + R"(,"a":{"e":3,"b":{"c":1,"d":2}}})");
  EXPECT_EQ(nested({"a..b", ".c", "d."}), head + R"(,"":{"c":2},"d":{"":3},"a":{"":{"b":1}}})");
}

TEST(nested_json, leaves_a_name_flat_that_cannot_be_nested) {
  EXPECT_EQ(nested({"a.b", "a", "a.b.c"}), head + R"(,"a":2,"a.b":1,"a.b.c":3})");
  EXPECT_EQ(nested({"labels.x", "host.y"}, R"({"dc":"eu"})"),
            head + R"(,"labels":{"dc":"eu"},"labels.x":1,"host.y":2})");
}

TEST(nested_json, escapes_names_and_writes_numbers_so_that_they_read_back) {
  const std::vector<std::string_view> fields{"a\"b"};
  std::string out;
  nested_json(fields).write(out, {"h", {}, 1, ""}, std::vector<double>{0.1});
  EXPECT_EQ(out, R"({"host":"h","ts":1,"a\"b":0.1})");
}

} // namespace
} // namespace tocsin::nested_json_test
