#include "streams/sample/column_entry.hpp"

#include "streams/sample/entry.hpp"
#include "streams/sample/ingest.hpp"
#include "tests/support/random_samples.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

namespace tocsin::column_entry_test {

using namespace test;

namespace {

using texts = std::vector<std::string>;

// A double as its bits: equal texts are equal to the bit.
std::string bits(double v) {
  return fmt::format("{:x}", std::bit_cast<std::uint64_t>(v));
}

texts texts_of(const sample_rows& rows) {
  texts out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    auto text = fmt::format("{} {} {} {} {}", row.host, row.ts_ms, row.gone, row.labels,
                            row.server ? "of " + std::string(*row.server) : "");
    const auto fields = rows.fields(row.shape);
    for (std::size_t f = 0; f < fields.size(); ++f)
      text += fmt::format(" {}={}", fields[f], bits(row.values[f]));
    out.push_back(text);
  }
  return out;
}

texts texts_of(const sample_columns& c) {
  texts out;
  std::vector<std::uint32_t> rows(c.shapes.size());
  for (std::size_t i = 0; i < c.size(); ++i) {
    const auto& shape = c.shapes[c.shape_of[i]];
    const auto row = rows[c.shape_of[i]]++;
    const auto server = c.server(i);
    auto text = fmt::format("{} {} {} {} {}", c.hosts[c.host_of[i]], c.ts_ms[i], c.gone[i] != 0,
                            c.labels_of[i] ? c.labels[c.labels_of[i] - 1] : "",
                            server ? "of " + std::string(*server) : "");
    for (std::size_t f = 0; f < shape.fields.size(); ++f)
      text += fmt::format(" {}={}", c.fields[shape.fields[f]], bits(shape.column(f)[row]));
    out.push_back(text);
  }
  return out;
}

double random_value(dice& d, int kind) {
  switch (kind) {
  case 0:
    return static_cast<double>(d.below(3));
  case 1:
    return static_cast<double>(d.between(-100'000, 100'000)) / 10;
  case 2:
    return static_cast<double>(d.below(1'000'000'000)) / 1'000;
  case 3:
    return std::ldexp(static_cast<double>(d.word() >> 12), static_cast<int>(d.between(-900, 900)));
  case 4:
    return d.percent(50) ? 1e300 : -1e-290;
  default:
    return static_cast<double>(d.between(-4, 4)) * 1125899906842624.0 / 3;
  }
}

sample_rows random_rows(dice& d, std::int64_t samples) {
  sample_rows rows;
  const auto base = d.percent(50) ? 0 : 1'700'000'000'000;
  const auto spread = d.one_of<std::int64_t>({1, 9'000, 4'000'000'000, 8'000'000'000'000});
  const auto hosts = d.between(1, 300);
  const auto servers = d.one_of<std::int64_t>({0, 0, 5, 60}); // percent
  for (std::int64_t i = 0; i < samples; ++i) {
    sample_view s;
    const auto host = d.percent(3) ? std::string(255, 'h') : fmt::format("hôst-{}", d.below(hosts));
    const auto labels = fmt::format(R"({{"dc":"{}{}"}})", d.below(3), "\x7f");
    s.host = host;
    s.ts_ms = base + d.below(spread);
    s.gone = d.percent(1);
    if (d.percent(30))
      s.labels = labels;
    const auto server = std::string(static_cast<std::size_t>(d.below(3) * 127), 'A');
    if (d.percent(servers))
      s.server = server;
    const auto shape = d.below(4);
    std::vector<std::string> names;
    for (std::int64_t f = 0; f < shape * 3; ++f)
      names.push_back(fmt::format("field{}.{}", (f * 7 + shape) % 11, f));
    std::vector<field_value> values;
    for (std::size_t f = 0; f < names.size(); ++f)
      values.push_back({names[f], random_value(d, static_cast<int>(f % 6))});
    s.values = values;
    EXPECT_TRUE(rows.add(s));
  }
  return rows;
}

} // namespace

TEST(column_entry_test, what_is_written_is_read_back_to_the_bit_and_in_order) {
  column_writer writer;
  column_reader reader;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    dice d(seed);
    const auto rows = random_rows(d, d.one_of<std::int64_t>({1, 2, 70, 900}));
    writer.begin();
    for (std::size_t i = 0; i < rows.size(); ++i)
      writer.add(rows, i);
    const auto entry = writer.take();
    EXPECT_TRUE(writer.empty());
    const auto back = reader.read(entry);
    ASSERT_TRUE(back.ok()) << back.failure().message;
    ASSERT_EQ(texts_of(**back), texts_of(rows)) << seed;
  }
}

// Byte for byte as entries were before there were servers: they are read by engines of before, too.
TEST(column_entry_test, an_entry_in_which_nobody_names_a_server_has_the_first_version) {
  const auto entry_of = [](std::optional<std::string_view> server) {
    const field_value values[] = {{"x", 1}};
    sample_view s;
    s.host = "h";
    s.ts_ms = 5;
    s.values = values;
    sample_rows rows;
    rows.add(s);
    s.server = server;
    rows.add(s);
    column_writer writer;
    for (std::size_t i = 0; i < rows.size(); ++i)
      writer.add(rows, i);
    return std::string(writer.take_plain());
  };
  using namespace std::string_literals;
  const auto first = "\1"s + "\2\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0"s + // how many of each
                     "\1\1hx"s + "\2\0\0\0\1\0\0\0\0\0\0\0"s +             // names, the shape
                     "\0\0\0\0\0\0\0\0\0"s + "\5\0\0\0\0\0\0\0\0"s +       // hosts, times
                     "\0\0\0"s;                                            // nothing else
  const auto plain = entry_of(std::nullopt);
  EXPECT_EQ(plain.substr(0, first.size()), first);
  const auto with = entry_of("s");
  EXPECT_EQ(with.front(), '\2');
  column_reader reader;
  const auto read = reader.read_plain(with);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ((*read)->server(0), std::nullopt);
  EXPECT_EQ((*read)->server(1), "s");
  // An entry without servers behind one with some.
  const auto again = reader.read_plain(plain);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->server(1), std::nullopt);
}

TEST(column_entry_test, samples_of_several_requests_share_an_entry) {
  column_writer writer;
  column_reader reader;
  texts all;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    dice d(seed);
    const auto rows = random_rows(d, 20);
    writer.begin();
    for (std::size_t i = 0; i < rows.size(); ++i)
      writer.add(rows, i);
    const auto some = texts_of(rows);
    all.insert(all.end(), some.begin(), some.end());
  }
  const auto entry = writer.take();
  EXPECT_EQ(texts_of(**reader.read(entry)), all);
}

// The bounds of the writer are far below those of entries, whatever it is given.
TEST(column_entry_test, the_largest_entry_fits_the_log) {
  dice d(1);
  column_writer writer;
  std::vector<std::string> names;
  for (std::size_t f = 0; f < sample_rows::values_max; ++f)
    names.push_back(fmt::format("{:015}", f));
  sample_rows rows;
  for (int i = 0; writer.weight() < column_writer::weight_max; ++i) {
    std::vector<field_value> values;
    for (std::size_t f = 0; f < names.size(); ++f)
      values.push_back({names[f], random_value(d, 3)});
    std::rotate(names.begin(), names.begin() + 1, names.end());
    const auto host = fmt::format("{:0255}", i);
    sample_view s;
    s.host = host;
    s.values = values;
    ASSERT_TRUE(rows.add(s));
    writer.add(rows, rows.size() - 1);
  }
  EXPECT_LT(writer.take().size(), std::size_t{1} << 20);
}

TEST(column_entry_test, what_is_damaged_is_refused_or_harmless) {
  column_writer writer;
  column_reader reader;
  dice d(7);
  for (int round = 0; round < 40; ++round) {
    const auto rows = random_rows(d, d.between(1, 60));
    writer.begin();
    for (std::size_t i = 0; i < rows.size(); ++i)
      writer.add(rows, i);
    const std::string plain(writer.take_plain());
    ASSERT_TRUE(reader.read_plain(plain).ok());
    for (int i = 0; i < 1'000; ++i) {
      auto bad = plain;
      for (auto n = d.between(1, 3); n > 0; --n) {
        const auto at = static_cast<std::size_t>(d.below(static_cast<std::int64_t>(bad.size())));
        const auto kind = d.below(4);
        if (kind == 0)
          bad.resize(std::max<std::size_t>(at, 1));
        else if (kind == 1)
          bad[at] = static_cast<char>(d.percent(50) ? 0xff : d.word());
        else if (kind == 2)
          bad[at] = static_cast<char>(bad[at] + (d.percent(50) ? 1 : -1));
        else
          bad.insert(at, 1, static_cast<char>(d.word()));
      }
      const auto read = reader.read_plain(bad);
      if (!read)
        continue;
      // It may be another valid entry; then nothing in it points anywhere else.
      const auto said = texts_of(**read);
      ASSERT_LE(said.size(), bad.size());
      for (const auto t : (*read)->ts_ms)
        ASSERT_TRUE(t >= 0 && t <= 8'640'000'000'000'000);
    }
  }
}

TEST(column_entry_test, damaged_frames_are_refused_with_a_reason) {
  column_writer writer;
  column_reader reader;
  dice d(3);
  const auto rows = random_rows(d, 200);
  writer.begin();
  for (std::size_t i = 0; i < rows.size(); ++i)
    writer.add(rows, i);
  const auto good = writer.take();
  EXPECT_FALSE(reader.read("").ok());
  EXPECT_FALSE(reader.read("no frame").ok());
  for (int i = 0; i < 2'000; ++i) {
    auto bad = good;
    const auto at = static_cast<std::size_t>(d.below(static_cast<std::int64_t>(bad.size())));
    if (i % 2)
      bad.resize(at);
    else
      bad[at] = static_cast<char>(bad[at] ^ (1 << d.below(8)));
    const auto read = reader.read(bad);
    // (A bit in the frame's head may mean nothing; what it holds is guarded by a checksum.)
    if (read)
      ASSERT_EQ(texts_of(**read), texts_of(rows)) << at;
    else
      ASSERT_FALSE(read.failure().message.empty());
  }
  EXPECT_EQ(texts_of(**reader.read(good)), texts_of(rows));
}

TEST(column_entry_test, columns_that_take_no_room_are_bounded_too) {
  // One million samples of three fields, all equal: a few MiB of entry, 24 MB of values.
  sample_rows rows;
  const field_value values[] = {{"a", 1}, {"b", 1}, {"c", 1}};
  sample_view s;
  s.host = "h";
  s.values = values;
  column_writer writer;
  rows.add(s);
  for (int i = 0; i < 400'000; ++i)
    writer.add(rows, 0);
  const std::string plain(writer.take_plain());
  EXPECT_LT(plain.size(), entry_unpacked_bytes_max);
  EXPECT_FALSE(column_reader().read_plain(plain).ok());
}

TEST(column_entry_test, shapes_without_samples_and_labels_too_long_are_refused) {
  sample_view s;
  s.host = "h";
  s.labels = R"({"a":"b"})";
  sample_rows rows;
  rows.add(s);
  column_writer writer;
  writer.add(rows, 0);
  const std::string good(writer.take_plain());
  ASSERT_TRUE(column_reader().read_plain(good).ok());
  // A further shape, of no sample and no field: eight bytes of entry, some 130 of memory.
  const auto names = std::size_t{1} + 5 * 4 + 1 + 0 + 2 + 1 + s.labels.size();
  auto bad = good;
  bad[1 + 4 * 4] = 2; // shapes
  bad.insert(names + 8, 8, '\0');
  EXPECT_FALSE(column_reader().read_plain(bad).ok());
  const auto long_labels = "{\"a\":\"" + std::string(sample_reader::labels_bytes_max, 'b') + "\"}";
  s.labels = long_labels;
  rows = {};
  rows.add(s);
  writer.begin();
  writer.add(rows, 0);
  EXPECT_FALSE(column_reader().read_plain(writer.take_plain()).ok());
}

TEST(column_entry_test, an_entry_that_unpacks_to_too_much_is_refused) {
  const std::string bomb(entry_unpacked_bytes_max + 1, '\1');
  std::string frame(ZSTD_compressBound(bomb.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), bomb.data(), bomb.size(), 1));
  EXPECT_FALSE(column_reader().read(frame).ok());
}

} // namespace tocsin::column_entry_test
