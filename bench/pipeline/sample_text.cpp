#include "bench/pipeline/sample_text.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace tocsin::bench {

namespace {

using namespace std::string_view_literals;

// What stands before the value of each field.
constexpr std::array<std::string_view, workload::field_count> before = {
    R"(,"cpu":{"usage":)"sv,       R"(},"mem":{"usage":)"sv,       R"(,"free":)"sv,
    R"(},"requests":{"count":)"sv, R"(,"latency_avg":)"sv,         R"(,"latency_sum":)"sv,
    R"(},"eventsIn":{"count":)"sv, R"(},"eventsOut":{"count":)"sv, R"(},"warnings":{"count":)"sv,
    R"(},"errors":{"count":)"sv};
constexpr std::size_t line_bytes_max = 448; // texts above: 185; 10 numbers of 20, name and time

char* write(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* write(char* to, std::int64_t number) {
  return std::to_chars(to, to + 20, number).ptr;
}

char* write_hundredths(char* to, std::int64_t n) {
  to = write(to, n / 100);
  const auto rest = static_cast<int>(n % 100);
  if (rest == 0)
    return to;
  *to++ = '.';
  *to++ = static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0)
    *to++ = static_cast<char>('0' + rest % 10);
  return to;
}

char* write_host(char* to, std::uint64_t host) {
  to = write(to, R"({"host":"host-)"sv);
  for (std::uint64_t least = 10'000; least > 1 && host < least; least /= 10)
    *to++ = '0';
  return write(to, static_cast<std::int64_t>(host));
}

double units_of(const sample_shape& shape, bool flips, std::uint64_t host, std::size_t field,
                std::int64_t tick) {
  if (shape.flip_share <= 0)
    return workload::value_units(workload::base(host, field), host, field, tick);
  const double v = workload::flip_value(flips, field, tick);
  return workload::field_whole[field] ? v : workload::round_hundredths(v);
}

} // namespace

void append_samples(const sample_shape& shape, std::uint64_t first, std::uint64_t last,
                    std::int64_t tick, std::int64_t ts_ms, std::string& out) {
  const auto begin = out.size();
  out.resize(begin + (last - first) * line_bytes_max);
  char* to = out.data() + begin;
  for (auto host = first; host < last; ++host) {
    const bool flips = shape.flip_share > 0 && workload::flips(host, shape.flip_share);
    to = write_host(to, host);
    to = write(to, R"(","ts":)"sv);
    to = write(to, ts_ms);
    for (std::size_t f = 0; f < workload::field_count; ++f) {
      to = write(to, before[f]);
      const auto units = static_cast<std::int64_t>(units_of(shape, flips, host, f, tick));
      to = workload::field_whole[f] ? write(to, units) : write_hundredths(to, units);
    }
    *to++ = '}';
    if (shape.storm)
      to = write(to, tick >= shape.storm_tick ? R"(,"storm":1)"sv : R"(,"storm":0)"sv);
    to = write(to, "}\n"sv);
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

} // namespace tocsin::bench
