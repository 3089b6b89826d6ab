#include "streams/sample/entry.hpp"

#include "streams/sample/host_record.hpp"
#include "streams/sample/ingest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <zstd.h>

namespace tocsin::entry_test {

namespace {

std::string frame_of(const std::string& text, bool with_size = true) {
  auto* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, with_size);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::string some_lines(int n) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += R"({"host":"node-)" + std::to_string(i) + R"(","ts":1,"x":1})" + "\n";
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for_each_line(text, [&](std::string_view l) { out.emplace_back(l); });
  return out;
}

// What goes into the log, one text a sample.
std::vector<std::string> rows_of(const ingested_body& body) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < body.rows.size(); ++i) {
    const auto row = body.rows[i];
    if (!row.line.empty()) {
      out.emplace_back(row.line);
      continue;
    }
    auto text =
        std::string(row.host) + " at " + std::to_string(row.ts_ms) + (row.gone ? " gone" : "");
    if (row.server)
      text += " of " + std::string(*row.server);
    if (!row.labels.empty())
      text += " " + std::string(row.labels);
    const auto fields = body.rows.fields(row.shape);
    EXPECT_EQ(fields.size(), row.values.size());
    for (std::size_t f = 0; f < fields.size(); ++f)
      text += fmt::format(" {}={}", fields[f], row.values[f]);
    out.push_back(text);
  }
  return out;
}

using texts = std::vector<std::string>;

} // namespace

TEST(entry_test, forms_have_the_names_of_the_design) {
  EXPECT_EQ(read_entry_form("s"), entry_form::samples);
  EXPECT_EQ(read_entry_form("z"), entry_form::packed);
  EXPECT_EQ(read_entry_form("hb"), entry_form::heartbeat);
  EXPECT_EQ(read_entry_form("c"), entry_form::columns);
  for (const auto* other : {"", "C", "S", "hb ", "ss"})
    EXPECT_EQ(read_entry_form(other), entry_form::unknown) << other;
}

TEST(entry_test, what_is_written_is_read_back) {
  entry_writer writer;
  entry_reader reader;
  for (const int n : {0, 1, 3, 100, 20'000}) {
    const auto text = some_lines(n);
    const auto packed = writer.write(text);
    EXPECT_EQ(packed.form, n < 10 ? "s" : "z");
    const auto back = reader.read(read_entry_form(packed.form), packed.bytes);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, text);
  }
  std::mt19937_64 random(1); // cannot be packed
  std::string noise(2'000, '\0');
  for (auto& c : noise)
    c = static_cast<char>(random());
  EXPECT_EQ(writer.write(noise).form, "s");
}

TEST(entry_test, a_heartbeat_has_no_lines_and_unknown_forms_are_skipped) {
  entry_reader reader;
  EXPECT_EQ(*reader.read(entry_form::heartbeat, "whatever"), "");
  EXPECT_FALSE(reader.read(entry_form::unknown, "{}").ok());
}

TEST(entry_test, a_byte_order_mark_is_skipped_where_an_entry_begins) {
  entry_reader reader;
  const std::string marked = "\xef\xbb\xbf" + some_lines(20);
  EXPECT_EQ(*reader.read(entry_form::samples, marked), some_lines(20));
  EXPECT_EQ(*reader.read(entry_form::packed, frame_of(marked)), some_lines(20));
  EXPECT_EQ(*reader.read(entry_form::samples, "\xef\xbb\xbf"), "");
  EXPECT_EQ(*reader.read(entry_form::samples, some_lines(1) + "\xef\xbb\xbf"),
            some_lines(1) + "\xef\xbb\xbf");
}

TEST(entry_test, what_unpacks_to_more_than_the_bound_is_refused) {
  entry_reader reader;
  const std::string fits(entry_unpacked_bytes_max, ' '), bomb(entry_unpacked_bytes_max + 1, ' ');
  for (const bool with_size : {true, false}) {
    EXPECT_TRUE(reader.read(entry_form::packed, frame_of(fits, with_size)).ok());
    EXPECT_FALSE(reader.read(entry_form::packed, frame_of(bomb, with_size)).ok());
  }
  EXPECT_FALSE(reader.read(entry_form::samples, bomb).ok());
}

TEST(entry_test, damaged_frames_are_refused_and_leave_the_reader_sound) {
  entry_reader reader;
  const auto good = frame_of(some_lines(200));
  std::mt19937_64 random(1);
  EXPECT_FALSE(reader.read(entry_form::packed, "").ok());
  EXPECT_FALSE(reader.read(entry_form::packed, "no frame").ok());
  for (int round = 0; round < 3'000; ++round) {
    auto bad = good;
    if (round % 2)
      bad.resize(random() % good.size());
    else
      bad[random() % bad.size()] = static_cast<char>(random());
    reader.read(entry_form::packed, bad).ok(); // may be read by chance; must not crash
    if (round % 2) {
      EXPECT_FALSE(reader.read(entry_form::packed, bad).ok());
    }
  }
  EXPECT_EQ(*reader.read(entry_form::packed, good), some_lines(200));
}

TEST(entry_test, blank_lines_are_no_lines) {
  EXPECT_EQ(lines_of("a\n\n \t\r\nb\r\n\nc"), (std::vector<std::string>{"a", "b\r", "c"}));
  EXPECT_TRUE(lines_of("\n\n").empty());
}

TEST(ingest_test, one_object_with_its_time_goes_in_as_it_is) {
  const auto out = body_reader().read(R"({"host":"a","ts":5,"x":1})", 99);
  EXPECT_EQ(rows_of(out), texts{"a at 5 x=1"});
  EXPECT_EQ(out.accepted, 1u);
}

TEST(ingest_test, a_byte_order_mark_before_a_body_of_any_shape_is_skipped) {
  body_reader reader;
  const std::string one = R"({"host":"a","ts":5,"x":1})", two = R"({"host":"b","ts":5,"x":1})";
  for (const auto& body : {one, one + "\n" + two, "[" + one + "," + two + "]", "\n" + one,
                           std::string(" {\n\"host\":\"a\",\n\"ts\":5}")}) {
    const auto plain = reader.read(body, 9);
    const auto marked = reader.read("\xef\xbb\xbf" + body, 9);
    EXPECT_EQ(marked.rejected, 0u) << body;
    EXPECT_EQ(rows_of(marked), rows_of(plain)) << body;
  }
  EXPECT_EQ(reader.read(one + "\n\xef\xbb\xbf" + two, 9).rejected, 1u); // nowhere else
  EXPECT_EQ(reader.read("\xef\xbb\xbf", 9).rejected, 0u);
}

TEST(ingest_test, a_sample_without_a_time_gets_that_of_its_arrival) {
  const auto out = body_reader().read(R"(  {"host":"a","x":1})", 99);
  EXPECT_EQ(rows_of(out), texts{"a at 99 x=1"});
}

TEST(ingest_test, an_object_spread_over_lines_is_one_sample) {
  const auto out = body_reader().read("{\n \"host\": \"a\",\n \"cpu\": {\n \"usage\": 3 }\n}\n", 7);
  EXPECT_EQ(out.accepted, 1u);
  EXPECT_EQ(rows_of(out), texts{"a at 7 cpu.usage=3"});
  EXPECT_EQ(out.rejected, 0u);
}

TEST(ingest_test, lines_are_judged_alone_and_counted_with_the_blank_ones) {
  body_reader reader;
  const auto out = reader.read("{\"host\":\"a\",\"ts\":1}\n\nnonsense\r\n{\"host\":\"\"}\n{"
                               "\"host\":\"b\",\"ts\":2,\"y\":\"s\"}",
                               9);
  EXPECT_EQ(out.accepted, 2u);
  ASSERT_EQ(out.rejected, 2u);
  EXPECT_EQ(out.first_rejected[0].line, 3u);
  EXPECT_EQ(out.first_rejected[1].line, 4u);
  EXPECT_EQ(out.fields_dropped, 1u);
  EXPECT_EQ(out.first_dropped[0].field, "y");
  EXPECT_EQ(reader.read("{\"host\":\"a\",\"ts\":1}", 9).rejected, 0u); // nothing is left of it
}

TEST(ingest_test, an_array_is_judged_by_its_elements) {
  const auto out =
      body_reader().read("[{\"host\":\"a\",\n\"ts\":1}, 5, {\"host\":\"b\"}, {\"host\":1}]", 9);
  EXPECT_EQ(rows_of(out), (texts{"a at 1", "b at 9"}));
  ASSERT_EQ(out.rejected, 2u);
  EXPECT_EQ(out.first_rejected[0].line, 2u);
  EXPECT_EQ(out.first_rejected[1].line, 4u);
  EXPECT_EQ(body_reader().read("[]", 9).rejected, 0u);
}

TEST(ingest_test, an_array_that_breaks_off_keeps_what_came_before_and_says_where) {
  const auto out = body_reader().read(R"([{"host":"a","ts":1},{"host":"b","ts")", 9);
  EXPECT_GE(out.rejected, 1u);
  EXPECT_LE(out.accepted, 1u);
  EXPECT_GE(body_reader().read(R"([{"host":"a","ts":1}] x)", 9).rejected, 1u);
}

TEST(ingest_test, all_rejects_are_counted_and_a_hundred_are_shown) {
  std::string body;
  for (int i = 0; i < 250; ++i)
    body += "x\n";
  const auto out = body_reader().read(body, 9);
  EXPECT_EQ(out.rejected, 250u);
  EXPECT_EQ(out.first_rejected.size(), 100u);
  EXPECT_TRUE(out.rows.empty());
}

TEST(ingest_test, a_sample_longer_than_an_entry_is_rejected) {
  const auto out = body_reader().read(
      R"({"host":"a","ts":1,"x":")" + std::string(sample_bytes_max, 'x') + "\"}", 9);
  EXPECT_EQ(out.rejected, 1u);
}

TEST(ingest_test, a_sample_too_large_for_columns_goes_in_as_a_line_with_its_time) {
  std::string body = "{\"host\":\"a\",\n\"x\":{";
  for (std::size_t i = 0; i <= sample_rows::names_bytes_max / 200; ++i)
    body += fmt::format("{}\"{:0200}\":{}", i ? "," : "", i, i);
  body += "}}";
  const auto out = body_reader().read(body, 77);
  ASSERT_EQ(out.accepted, 1u);
  const auto lines = rows_of(out);
  ASSERT_EQ(lines.size(), 1u);
  const auto r = sample_reader(sample_reader::source::live).read_copy(lines[0]);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->sample.ts_ms, 77);
  EXPECT_TRUE(r->named_ts);
  EXPECT_EQ(lines[0].find('\n'), lines[0].size() - 1);
}

TEST(ingest_test, a_body_that_becomes_large_is_refused_while_it_is_read) {
  // Names of 250 bytes, 250 of them below each of 4,000 prefixes: 8 MB that would become 250.
  std::string body;
  for (int i = 0; i < 4'000; ++i) {
    body += fmt::format(R"({{"host":"h","{:0250}":{{)", i);
    for (int f = 0; f < 250; ++f)
      body += fmt::format("{}\"{:x}\":1", f ? "," : "", f);
    body += "}}\n";
  }
  ASSERT_LT(body.size(), std::size_t{16} << 20);
  body_reader reader;
  for (const bool array : {false, true}) {
    auto text = body;
    if (array) {
      std::replace(text.begin(), text.end(), '\n', ',');
      text.back() = ']';
      text.insert(text.begin(), '[');
    }
    const auto out = reader.read(text, 1);
    EXPECT_TRUE(out.too_large);
    EXPECT_EQ(out.accepted, 0u);
    EXPECT_TRUE(out.rows.empty());
  }
  EXPECT_FALSE(reader.read(R"({"host":"h","x":1})", 1).too_large);
  std::string small; // 16 MiB of the smallest samples are no such body
  while (small.size() < (std::size_t{16} << 20) - 20)
    small += "{\"host\":\"a\"}\n";
  const auto out = reader.read(small, 1);
  EXPECT_FALSE(out.too_large);
  EXPECT_EQ(out.accepted, small.size() / 13);
}

TEST(ingest_test, every_sample_that_goes_in_is_what_the_reader_says) {
  std::mt19937_64 random(1);
  body_reader bodies;
  const std::string seed = R"([{"host":"a","x":1},{"host":"b","ts":4,"c":{"d":[2]}}])";
  const std::string pieces[] = {"\n", "}", "{", ",", "\"", "ts", "[", "]", " ", "1"};
  for (int round = 0; round < 30'000; ++round) {
    auto body = round % 3 ? seed.substr(1, seed.size() - 2) : seed;
    for (auto n = random() % 4; n > 0; --n)
      random() % 2 ? body.insert(random() % body.size(), pieces[random() % 10])
                   : body.erase(random() % body.size(), 1);
    const auto out = bodies.read(body, 77);
    ASSERT_EQ(rows_of(out).size(), out.accepted) << body;
    ASSERT_EQ(rows_of(body_reader().read(body, 77)), rows_of(out))
        << body; // whatever it has learnt
  }
}

TEST(host_record_test, what_is_written_is_read_back) {
  host_record r;
  r.since = {UINT64_MAX, 7};
  r.last_ms = 8'640'000'000'000'000;
  r.non_blind_ms = 12'345'000;
  r.labels = R"({"a\"b":"\\c"})";
  r.first_ms = {{"cpu.usage", 0}, {"odd \"field\" \xc3\xa9\n", 1'700'000'000'000}};
  host_record_reader reader;
  for (const auto& record : {r, host_record{}}) {
    const auto back = reader.read(write_host_record(record));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, record);
  }
}

TEST(host_record_test, what_is_no_record_is_an_error) {
  host_record_reader reader;
  for (const auto* bad :
       {"", "[]", "{", "null", R"({"last":"x"})", R"({"first":{"a":"b"}})", R"({"since":5})"})
    EXPECT_FALSE(reader.read(bad).ok()) << bad;
}

} // namespace tocsin::entry_test
