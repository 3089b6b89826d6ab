#include "bench/pipeline/consumer.hpp"

#include "bench/pipeline/process.hpp"
#include "streams/redis/connection.hpp"

#include <chrono>
#include <optional>

namespace tocsin::bench {

namespace {

constexpr const char* group = "bench";
constexpr std::int64_t block_ms = 500;

using redis::reply;

// The entries of the one stream that XREAD and XREADGROUP were asked for.
const std::vector<reply>* entries_of(const reply& r) {
  if (!r.is_array() || r.elements.size() != 1 || r.elements[0].elements.size() != 2)
    return nullptr;
  return &r.elements[0].elements[1].elements;
}

std::optional<redis::stream_id> id_of(const reply& entry) {
  return entry.elements.size() == 2 ? redis::stream_id::parse(entry.elements[0].text)
                                    : std::nullopt;
}

const std::string* field_of(const reply& entry, std::string_view name) {
  const auto& flat = entry.elements[1].elements;
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    if (flat[i].text == name)
      return &flat[i + 1].text;
  return nullptr;
}

bool opens_storm(const reply& entry) {
  const auto* rule = field_of(entry, "ruleName");
  if (rule == nullptr || *rule != storm_rule)
    return false;
  const auto* event = field_of(entry, "event");
  return event != nullptr && *event == "opened";
}

// Asks again and again, over a new connection where one broke, until `stopping`.
template <class Words, class Take>
void read_on(const redis_address& address, const std::atomic<bool>& stopping, Words words,
             Take take) {
  std::optional<redis::connection> c;
  while (!stopping) {
    if (!c || c->broken()) {
      auto opened = redis::connection::open(address, "tocsin-bench-consumer");
      if (!opened) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        continue;
      }
      c.emplace(std::move(*opened));
    }
    const auto asked = words();
    const std::vector<std::string_view> views(asked.begin(), asked.end());
    const auto got = c->exchange_or_stall(views, block_ms + 30'000);
    if (!got || !*got)
      continue;
    if (const auto* entries = entries_of(**got))
      take(*entries, now_ms());
    else if ((*got)->is_error())
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

} // namespace

status consumer::make_group(const redis_address& address, const redis::partition_keys& keys) {
  auto c = redis::connection::open(address, "tocsin-bench");
  if (!c)
    return c.failure();
  const auto made = c->call({"XGROUP", "CREATE", keys.incidents, group, "0-0", "MKSTREAM"});
  if (!made)
    return made.failure();
  return done{};
}

consumer::consumer(redis_address address, redis::partition_keys keys)
    : address_(std::move(address)), keys_(std::move(keys)) {
  events_thread_ = std::thread([this] { read_events(); });
  rows_thread_ = std::thread([this] { read_rows(); });
}

consumer::~consumer() {
  stopping_ = true;
  events_thread_.join();
  rows_thread_.join();
}

void consumer::read_events() {
  std::uint64_t last_seq = 0;
  const std::vector<std::string> words = {
      "XREADGROUP", "GROUP",   group,           "one",
      "COUNT",      "2000",    "BLOCK",         std::to_string(block_ms),
      "NOACK",      "STREAMS", keys_.incidents, ">"};
  read_on(
      address_, stopping_, [&] { return words; },
      [&](const std::vector<reply>& entries, double at) {
        const std::lock_guard lock(mutex_);
        for (const auto& entry : entries) {
          const auto id = id_of(entry);
          if (!id)
            continue;
          holes_ += id->seq == last_seq + 1 ? 0 : 1;
          last_seq = id->seq;
          auto& tick = ticks_[static_cast<std::int64_t>(id->ms)];
          ++tick.events;
          if (tick.reads.empty() || tick.reads.back().first != at)
            tick.reads.emplace_back(at, 0);
          ++tick.reads.back().second;
          if (opens_storm(entry)) {
            ++tick.storm_opened;
            tick.storm_last = at;
          }
        }
        events_ += entries.size();
      });
}

void consumer::read_rows() {
  std::string last = "0-0";
  read_on(
      address_, stopping_,
      [&] {
        return std::vector<std::string>{
            "XREAD",   "COUNT",     "1000", "BLOCK", std::to_string(block_ms),
            "STREAMS", keys_.ticks, last};
      },
      [&](const std::vector<reply>& entries, double at) {
        const std::lock_guard lock(mutex_);
        for (const auto& entry : entries) {
          const auto id = id_of(entry);
          if (!id)
            continue;
          last = id->text();
          const auto* blind = field_of(entry, "blind");
          const auto end_ms = static_cast<std::int64_t>(id->ms);
          rows_[end_ms] = {at, blind != nullptr && *blind == "1"};
          last_row_ms_ = end_ms;
        }
      });
}

tick_events consumer::events_of(std::int64_t end_ms) const {
  const std::lock_guard lock(mutex_);
  const auto found = ticks_.find(end_ms);
  return found == ticks_.end() ? tick_events{} : found->second;
}

consumer::seen_row consumer::row_of(std::int64_t end_ms) const {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(end_ms);
  return found == rows_.end() ? seen_row{} : found->second;
}

} // namespace tocsin::bench
