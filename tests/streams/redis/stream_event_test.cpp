#include "streams/redis/stream_event.hpp"

#include <gtest/gtest.h>

namespace tocsin::redis::stream_event_test {
namespace {

stream_entry entry(const std::string& what) {
  return {{5, 6},
          {{"v", "1"},
           {"event", what},
           {"id", "i"},
           {"ruleName", "r\"x"},
           {"hostName", "h"},
           {"startTime", "2023-11-14T22:13:20.000Z"},
           {"endTime", "2023-11-14T22:13:30.000Z"},
           {"triggerValue", "1e-7"},
           {"reason", "recovered"},
           {"labels", R"({"b":"2","a":"1","b":"3","n":4})"}}};
}

TEST(stream_event, reads_an_event) {
  const auto e = read_stream_event(entry("resolved"));
  ASSERT_TRUE(e);
  EXPECT_FALSE(e->opened);
  EXPECT_EQ(e->at, (stream_id{5, 6}));
  EXPECT_EQ(e->rule_name, "r\"x");
  EXPECT_EQ(e->reason, "recovered");
  EXPECT_EQ(e->labels, (text_map{{"a", "1"}, {"b", "3"}}));
  EXPECT_TRUE(e->annotations.empty());
}

TEST(stream_event, is_none_where_somebody_else_wrote) {
  EXPECT_FALSE(read_stream_event(entry("closed")));
  auto nameless = entry("opened");
  nameless.fields[2].second.clear();
  EXPECT_FALSE(read_stream_event(nameless));
  EXPECT_FALSE(read_stream_event({}));
}

TEST(stream_event, incident_object_has_an_end_once_it_is_resolved) {
  EXPECT_EQ(incident_object_json(*read_stream_event(entry("opened"))),
            R"({"id":"i","ruleName":"r\"x","hostName":"h",)"
            R"("startTime":"2023-11-14T22:13:20.000Z","triggerValue":1e-7})");
  EXPECT_EQ(incident_object_json(*read_stream_event(entry("resolved"))),
            R"({"id":"i","ruleName":"r\"x","hostName":"h",)"
            R"("startTime":"2023-11-14T22:13:20.000Z",)"
            R"("endTime":"2023-11-14T22:13:30.000Z","triggerValue":1e-7})");
}

TEST(stream_event, numbers_are_json_or_null) {
  for (const char* good : {"0", "-0", "1", "10.25", "1e5", "1E+5", "-1.5e-7"})
    EXPECT_EQ(number_json(good), good);
  for (const char* bad : {"", "-", "01", "1.", ".5", "1e", "1e+", "nan", "1}", "0x1", " 1", "+1"})
    EXPECT_EQ(number_json(bad), "null") << bad;
}

} // namespace
} // namespace tocsin::redis::stream_event_test
