#include "actors/api/full_tables.hpp"

#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::full_tables_test {

using namespace test;

namespace {

constexpr std::int64_t now_ms = 1'000'000;

struct fixture {
  fixture() { in.begin(now_ms / 1'000); }
  void say(const std::string& host, const std::vector<std::string>& fields) {
    std::vector<field_value> values;
    for (const auto& field : fields)
      values.push_back({field, 1});
    in.apply({host, now_ms, true, false, {}, values});
    tables.note(in);
  }
  ingested_body post(const std::string& body) {
    auto out = body_reader().read(body, now_ms);
    if (const auto state = tables.get(); state && state->full())
      note_without_place(out, *state);
    return out;
  }
  intake in{{1'000, 0}, {2, 3, 100'000}, std::vector<watched_field>{{"cpu", 1}}};
  full_tables tables;
};

} // namespace

TEST(full_tables_test, an_answer_names_what_has_no_place_and_counts_it) {
  fixture f;
  EXPECT_EQ(f.tables.get(), nullptr);
  f.say("a", {"cpu", "x"});
  EXPECT_FALSE(f.tables.get()->full());
  EXPECT_EQ(f.post(R"({"host":"a","z":1})").fields_dropped, 0u);
  f.say("a", {"y"});
  const auto body = f.post(R"({"host":"a","cpu":1,"z":1,"requests":{"count":1}}
{"host":"a","z":1,"w":1}
{"host":"new","x":1,"y":2}
{"host":"a","y":"none"})");
  EXPECT_EQ(body.accepted, 4u);
  EXPECT_EQ(body.fields_dropped, 4u);
  ASSERT_EQ(body.first_dropped.size(), 4u);
  EXPECT_EQ(body.first_dropped[0].field, "y");
  EXPECT_EQ(body.first_dropped[1].field, "z");
  EXPECT_EQ(body.first_dropped[1].why,
            "no place: as many other fields are known as tocsin.fields allows");
  EXPECT_EQ(body.first_dropped[3].field, "w");
}

TEST(full_tables_test, a_host_without_a_place_is_named_and_its_fields_are_not) {
  fixture f;
  f.say("a", {"cpu"});
  f.say("b", {"cpu"});
  const auto body = f.post(R"([{"host":"a","cpu":1},{"host":"c","cpu":1,"x":2}])");
  EXPECT_EQ(body.fields_dropped, 1u);
  ASSERT_EQ(body.first_dropped.size(), 1u);
  EXPECT_EQ(body.first_dropped[0].host, "c");
  EXPECT_EQ(body.first_dropped[0].field, "");
}

TEST(full_tables_test, few_are_shown_and_all_are_counted) {
  fixture f;
  f.say("a", {"cpu", "x", "y"});
  std::string body = R"({"host":"a")";
  for (int i = 0; i < 50; ++i)
    body += fmt::format(",\"f{}\":1", i);
  body += "}\n";
  const auto out = f.post(body + body);
  EXPECT_EQ(out.fields_dropped, 100u);
  EXPECT_EQ(out.first_dropped.size(), 10u);
}

TEST(full_tables_test, the_page_says_what_found_no_place_and_who_brings_most) {
  fixture f;
  EXPECT_EQ(fields_json(f.tables.get().get()), "null");
  f.say("a", {"cpu", "x", "y"});
  EXPECT_EQ(fields_json(f.tables.get().get()),
            R"({"known":3,"max":3,"full":true,"dropped":null,"most":{"host":"a","fields":2}})");
  f.say("b", {"z"});
  f.say("c", {"cpu"});
  EXPECT_EQ(fields_json(f.tables.get().get()),
            R"({"known":3,"max":3,"full":true,"dropped":{"field":"z","host":"b"},)"
            R"("most":{"host":"a","fields":2}})");
  EXPECT_EQ(hosts_json(f.tables.get().get(), 2, 9, 0),
            R"({"known":2,"max":2,"skewed":0,"full":true,"refused":"c"})");
  f.tables.clear();
  EXPECT_EQ(f.tables.get(), nullptr);
  f.tables.note(f.in);
  EXPECT_TRUE(f.tables.get()->full());
}

} // namespace tocsin::full_tables_test
