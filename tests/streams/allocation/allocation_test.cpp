#include "streams/partition/entry_applier.hpp"
#include "streams/sample/ingest.hpp"

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <new>

// Counts what this binary allocates.
namespace {
std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t n, std::size_t align) {
  ++allocations;
  if (void* p = align > alignof(std::max_align_t)
                    ? std::aligned_alloc(align, (n + align - 1) / align * align)
                    : std::malloc(n > 0 ? n : 1))
    return p;
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
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace tocsin {

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

} // namespace tocsin
