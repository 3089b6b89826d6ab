#include "streams/partition/entry_applier.hpp"
#include "streams/sample/ingest.hpp"

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <new>
#include <zstd.h>

// Counts what this binary allocates, and how much of it there is at a time.
namespace {
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::size_t> bytes_now{0}, bytes_most{0};

void* note(void* p) {
  const auto now = bytes_now += malloc_usable_size(p);
  for (auto most = bytes_most.load(); most < now && !bytes_most.compare_exchange_weak(most, now);)
    ;
  return p;
}

void give_back(void* p) {
  bytes_now -= malloc_usable_size(p);
  std::free(p);
}

void* counted(std::size_t n, std::size_t align) {
  ++allocations;
  if (void* p = align > alignof(std::max_align_t)
                    ? std::aligned_alloc(align, (n + align - 1) / align * align)
                    : std::malloc(n > 0 ? n : 1))
    return note(p);
  throw std::bad_alloc();
}
} // namespace

void* operator new(std::size_t n) {
  return counted(n, 1);
}
void* operator new(std::size_t n, std::align_val_t align) {
  return counted(n, static_cast<std::size_t>(align));
}
void operator delete(void* p) noexcept {
  give_back(p);
}
void operator delete(void* p, std::size_t) noexcept {
  give_back(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  give_back(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  give_back(p);
}

namespace tocsin::allocation_test {

namespace {

constexpr std::int64_t hosts = 1'000;
constexpr tick first_tick = 1'000;

// One sample of each host, in two shapes; every tenth with labels.
std::string lines_of(tick n) {
  std::string out;
  for (std::int64_t h = 0; h < hosts; ++h) {
    out +=
        fmt::format(R"({{"host":"a-host-with-a-name-that-is-long-{}","ts":{})", h, n * 10'000 + h);
    if (h % 10 == 0)
      out += R"(,"labels":{"dc":"eu1","role":"a role that is longer than a short one"})";
    if (h % 2)
      out += fmt::format(R"(,"cpu":{{"usage":{}}},"errors.count":{})", h % 100, n % 7);
    out += fmt::format(R"(,"mem":{{"free":{}.5}},"requests":{{"count":3,"latency_sum":{}}}}})", h,
                       n % 5);
    out += '\n';
  }
  return out;
}

std::string columns_of(const std::string& lines) {
  const auto body = body_reader().read(lines, 0);
  EXPECT_EQ(body.accepted, static_cast<std::uint64_t>(hosts));
  column_writer writer;
  for (std::size_t i = 0; i < body.rows.size(); ++i)
    writer.add(body.rows, i);
  return writer.take();
}

constexpr std::size_t mib = std::size_t{1} << 20;

// The most memory that something takes beside what there is already.
template <class Do>
std::size_t most_bytes(Do what) {
  const auto before = bytes_now.load();
  bytes_most = before;
  what();
  return bytes_most - before;
}

std::string in_frame(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

} // namespace

// Entries of both kinds, tick by tick: once windows have turned round, nothing is allocated.
TEST(allocation_test, entries_go_into_the_windows_without_allocation) {
  for (const auto* form : {"c", "s"}) {
    const std::vector<watched_field> watched = {{"cpu.usage", 3}, {"mem.free", 2}};
    intake in({10'000, 1'000}, {4'096, 16, 86'400'000}, watched);
    in.begin(first_tick);
    entry_applier applier;
    for (auto n = first_tick; n < first_tick + 20; ++n) {
      const auto lines = lines_of(n);
      const redis::log_entry entry{
          {1, static_cast<std::uint64_t>(n)}, form, *form == 'c' ? columns_of(lines) : lines};
      const auto before = allocations.load();
      applier.apply(in, entry);
      const auto made = allocations.load() - before;
      EXPECT_EQ(n >= first_tick + 10 ? made : 0, 0u) << form << " " << n;
      in.seal(false);
    }
    EXPECT_EQ(in.counts().accepted, static_cast<std::uint64_t>(20 * hosts));
    EXPECT_EQ(in.counts().values_taken, static_cast<std::uint64_t>(20 * hosts * 4));
  }
}

// A body costs a few allocations of its own, whatever number of samples it holds.
TEST(allocation_test, samples_of_a_body_cost_none_each) {
  body_reader reader;
  column_writer writer;
  for (auto n = first_tick; n < first_tick + 10; ++n) {
    auto lines = lines_of(n);
    lines.reserve(lines.size() + sample_reader::padding);
    const auto before = allocations.load();
    const auto body = reader.read(std::move(lines), 0);
    writer.begin();
    for (std::size_t i = 0; i < body.rows.size(); ++i)
      writer.add(body.rows, i);
    static_cast<void>(writer.take());
    const auto made = allocations.load() - before;
    EXPECT_LT(n >= first_tick + 5 ? made : 0, 50u);
  }
}

TEST(allocation_test, a_body_whose_names_multiply_takes_no_more_than_its_bound) {
  std::string body; // 8 MB that would become 250
  for (int i = 0; i < 4'000; ++i) {
    body += fmt::format(R"({{"host":"h","{:0250}":{{)", i);
    for (int f = 0; f < 250; ++f)
      body += fmt::format("{}\"{:x}\":1", f ? "," : "", f);
    body += "}}\n";
  }
  body_reader reader;
  EXPECT_LT(most_bytes([&] { reader.read(std::move(body), 0); }),
            4 * ingested_body::rows_bytes_max);
}

// Long names that are dropped are named in the answer; a sample has room for tens of thousands.
TEST(allocation_test, a_sample_of_many_dropped_fields_takes_no_more_than_its_bound) {
  std::string line = R"({"host":"h",")" + std::string(250, 'x') + "\":{";
  for (int f = 0; line.size() < sample_bytes_max - 100; ++f)
    line += fmt::format("{}\"{:08x}\":1", f ? "," : "", f);
  line += "}}";
  sample_reader reader(sample_reader::source::live);
  EXPECT_LT(most_bytes([&] { static_cast<void>(reader.read_copy(line)); }), 16 * mib);
}

TEST(allocation_test, what_is_learnt_from_lines_is_bounded) {
  sample_reader reader(sample_reader::source::live);
  EXPECT_LT(most_bytes([&] {
              for (int i = 0; i < 600; ++i) { // lines of 16 KiB, each of another kind
                auto line = fmt::format(R"({{"host":"h","{:0250}":{{)", i);
                for (int f = 0; line.size() < 16'000; ++f)
                  line += fmt::format("{}\"{:x}\":1", f ? "," : "", f);
                static_cast<void>(reader.read_copy(line + "}}"));
              }
            }),
            8 * mib);
}

TEST(allocation_test, large_entries_are_not_decoded_ahead_and_leave_no_memory_behind) {
  const auto frame = in_frame(std::string(8 * mib - 1, ' '));
  const std::vector<packed_entry> batch(64, packed_entry{"z", frame});
  decode_crew crew(decode_crew::threads_max);
  std::size_t read = 0;
  EXPECT_LT(most_bytes([&] {
              crew.begin(batch);
              while (crew.left() > 0)
                for (const auto c : crew.next().text) // so that others have time to go ahead
                  read += c == ' ';
              crew.end();
            }),
            32 * mib); // one of them, and room to grow
  EXPECT_EQ(read, batch.size() * (8 * mib - 1));
  EXPECT_LT(most_bytes([&] { crew.begin(std::span(batch).first(1)); }), mib);
}

// Columns of equal values take no room in an entry: a million samples of one host in 4 MiB.
TEST(allocation_test, an_entry_of_a_million_samples_takes_no_more_than_its_bound) {
  sample_rows rows;
  sample_view s;
  s.host = "h";
  rows.add(s);
  column_writer writer;
  for (int i = 0; i < 1'000'000; ++i)
    writer.add(rows, 0);
  const auto entry = writer.take();
  ASSERT_LT(entry.size(), std::size_t{1} << 20);
  column_reader reader;
  EXPECT_LT(most_bytes([&] { ASSERT_TRUE(reader.read(entry).ok()); }), 60 * mib);
}

} // namespace tocsin::allocation_test
