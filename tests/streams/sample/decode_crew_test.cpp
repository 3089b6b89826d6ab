#include "streams/sample/decode_crew.hpp"

#include "streams/sample/ingest.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace tocsin::decode_crew_test {

namespace {

struct entry {
  std::string form, bytes;
};

// Samples of one host each, whose values say which entry they stand in.
entry make_entry(int number, int samples) {
  std::string lines;
  for (int i = 0; i < samples; ++i)
    lines += fmt::format(R"({{"host":"h{}","ts":{},"a":{},"b":{}.25}})"
                         "\n",
                         i, 1'000 + number, number, i * 7919 % 1'000);
  if (number % 5 == 3) {
    auto packed = entry_writer().write(lines);
    return {std::string(packed.form), std::move(packed.bytes)};
  }
  column_writer writer;
  const auto body = body_reader().read(lines, 0);
  for (std::size_t i = 0; i < body.rows.size(); ++i)
    writer.add(body.rows, i);
  return {"c", writer.take()};
}

// Large and small ones beside each other, so that they do not end in the order they began in.
std::vector<entry> make_batch(int entries) {
  std::vector<entry> out;
  for (int i = 0; i < entries; ++i)
    out.push_back(make_entry(i, i % 3 == 0 ? 1'500 : 200));
  return out;
}

std::vector<packed_entry> views_of(const std::vector<entry>& batch) {
  std::vector<packed_entry> out;
  for (const auto& e : batch)
    out.push_back({e.form, e.bytes});
  return out;
}

std::string describe(const decoded_entry& d) {
  if (!d.columns)
    return d.complaint.empty() ? std::string(d.text) : "skipped: " + d.complaint;
  const auto& c = *d.columns;
  std::string out;
  for (std::size_t i = 0; i < c.size(); ++i)
    out += fmt::format("{} {};", c.hosts[c.host_of[i]], c.ts_ms[i]);
  for (const auto& s : c.shapes)
    for (std::size_t f = 0; f < s.fields.size(); ++f)
      for (std::uint32_t r = 0; r < s.rows; ++r)
        out += fmt::format("{},", s.column(f)[r]);
  return out;
}

std::vector<std::string> alone(const std::vector<entry>& batch) {
  std::vector<std::string> out;
  entry_decoder decoder;
  for (const auto& e : batch)
    out.push_back(describe(decoder.decode({e.form, e.bytes})));
  return out;
}

void expect_all(decode_crew& crew, const std::vector<entry>& batch) {
  const auto want = alone(batch);
  crew.begin(views_of(batch));
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_EQ(crew.left(), want.size() - i);
    ASSERT_TRUE(describe(crew.next()) == want[i]) << "entry " << i;
  }
  EXPECT_EQ(crew.left(), 0u);
}

} // namespace

TEST(decode_crew_test, gives_entries_in_their_order_with_any_number_of_threads) {
  const auto batch = make_batch(60);
  for (const unsigned threads : {0u, 1u, 2u, 7u, 100u}) {
    SCOPED_TRACE(threads);
    decode_crew crew(threads);
    EXPECT_LE(crew.ahead_max(), 2u * (decode_crew::threads_max + 1));
    for (int run = 0; run < 3; ++run)
      expect_all(crew, batch);
  }
}

TEST(decode_crew_test, entries_that_are_damaged_are_skipped_where_they_stand) {
  auto batch = make_batch(40);
  batch[7].bytes[batch[7].bytes.size() / 2] ^= 0x10;
  batch[8].bytes.resize(batch[8].bytes.size() / 2);
  batch[20] = {"c", ""};
  batch[21] = {"q", std::string(9'000, 'x')};
  batch[22] = {"hb", ""};
  const auto want = alone(batch);
  for (const std::size_t i : {7u, 8u, 20u, 21u})
    ASSERT_TRUE(want[i].starts_with("skipped: ")) << i;
  ASSERT_EQ(want[22], "");
  decode_crew crew(3);
  expect_all(crew, batch);
}

TEST(decode_crew_test, small_batches_and_large_ones_take_turns) {
  const auto large = make_batch(20);
  const std::vector<entry> small = {{"s", "{}"}, {"hb", ""}, make_entry(1, 3)};
  decode_crew crew(2);
  for (int run = 0; run < 8; ++run) {
    expect_all(crew, small);
    expect_all(crew, large);
    expect_all(crew, {});
  }
}

// The bytes go as soon as end(), begin() or the destructor has returned: under a sanitizer, or with
// memory that is used again at once, a thread that went on would show.
TEST(decode_crew_test, what_is_left_of_a_batch_can_be_dropped_at_any_place) {
  const auto whole = make_batch(40);
  const auto want = alone(whole);
  decode_crew crew(3);
  for (std::size_t given = 0; given < 40; given += 3) {
    auto batch = std::make_unique<std::vector<entry>>(whole);
    crew.begin(views_of(*batch));
    for (std::size_t i = 0; i < given; ++i)
      crew.next();
    if (given % 2 == 0)
      crew.end();
    else
      crew.begin(views_of(whole));
    for (auto& e : *batch)
      std::fill(e.bytes.begin(), e.bytes.end(), '\xff');
    batch.reset();
    for (std::size_t i = 0; crew.left() > 0; ++i)
      ASSERT_TRUE(describe(crew.next()) == want[i]) << i << " behind " << given;
  }
}

TEST(decode_crew_test, goes_at_once_while_it_works) {
  const auto batch = make_batch(200);
  const auto views = views_of(batch);
  for (int run = 0; run < 5; ++run) {
    auto crew = std::make_unique<decode_crew>(7);
    crew->begin(views);
    crew->next();
    const auto before = std::chrono::steady_clock::now();
    crew.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
  }
}

} // namespace tocsin::decode_crew_test
