#include "actors/botpress_follower.hpp"

#include "actors/collector_door.hpp"
#include "config/byte_order_mark.hpp"
#include "config/byte_size.hpp"
#include "config/complaint.hpp"
#include "streams/redis/sorted_set.hpp"
#include "streams/sample/member_memory.hpp"

#include <algorithm>
#include <condition_variable>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

namespace {

constexpr std::size_t page_members = 500;
// Of one page; a member alone that is larger can be no sample.
constexpr std::size_t page_bytes_max = std::size_t{8} << 20;
constexpr std::int64_t redis_timeout_ms = 1'000; // a stop waits no longer
constexpr std::int64_t retry_first_ms = 500;
constexpr std::int64_t retry_longest_ms = 10'000;

// Often enough that what was stored just before a tick's end comes within its grace.
std::int64_t pause_of(const settings& s) {
  const auto wanted =
      s.grace_ms > 0 ? std::min(s.interval_ms / 10, s.grace_ms / 2) : s.interval_ms / 10;
  return std::clamp<std::int64_t>(wanted, 50, 500);
}

// One line: outside of its texts, JSON may be broken into lines anywhere.
void append_line(std::string& to, std::string_view member) {
  const auto begin = to.size();
  to += without_byte_order_mark(member);
  std::replace(to.begin() + static_cast<std::ptrdiff_t>(begin), to.end(), '\n', ' ');
  to += '\n';
}

} // namespace

struct botpress_follower::parts {
  engine_context& ctx;
  redis_address address;
  collector_door door;
  counter& members;
  gauge& up;

  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  bool ended = false;

  std::optional<redis::connection> connection;
  member_memory memory;
  score_plan plan;
  std::int64_t retry_ms = 0; // how long to rest after a failure
  tocsin::complaint complaint;
  bool found_any = false;
  bool said_empty = false;
  bool said_large = false;
  std::size_t page_count = page_members; // as many as an answer held

  std::thread thread;

  parts(engine_context& c, caf::actor collector, redis_address a)
      : ctx(c), address(std::move(a)), door(c, std::move(collector)),
        members(c.registry.add_counter("tocsin_botpress_members_total",
                                       "Samples taken from a Botpress cluster's Redis.")),
        up(c.registry.add_gauge("tocsin_botpress_up",
                                "1 while the Botpress cluster's Redis can be read.")),
        plan(c.config.interval_ms) {
    address.connect_timeout_ms = std::min(address.connect_timeout_ms, redis_timeout_ms);
  }

  bool wait(std::int64_t span_ms);
  bool is_stopping();
  void run();
  bool poll(std::int64_t now_ms);
  bool open();
  result<std::vector<redis::scored_member>> next_page(redis::score_pages& pages);
  bool hand_on(const std::vector<redis::scored_member>& page);
  void failed(const std::string& why);
  void works();
};

// Whether it goes on after that time.
bool botpress_follower::parts::wait(std::int64_t span_ms) {
  std::unique_lock lock(mutex);
  return !wake.wait_for(lock, std::chrono::milliseconds(span_ms), [&] { return stopping; });
}

bool botpress_follower::parts::is_stopping() {
  const std::lock_guard lock(mutex);
  return stopping;
}

void botpress_follower::parts::failed(const std::string& why) {
  const bool news = complaint.fails(why, monotonic_ms());
  spdlog::log(news ? spdlog::level::warn : spdlog::level::debug, "botpress: {}", why);
  up.set(0);
  retry_ms = std::clamp(retry_ms * 2, retry_first_ms, retry_longest_ms);
  if (connection && connection->broken())
    connection.reset();
}

void botpress_follower::parts::works() {
  if (complaint.works(monotonic_ms()))
    spdlog::info("botpress: {} is followed again", address.describe());
  retry_ms = 0;
  up.set(1);
}

bool botpress_follower::parts::open() {
  if (connection)
    return true;
  auto made = redis::connection::open(address, "tocsin-follower");
  if (!made) {
    failed(made.failure().message);
    return false;
  }
  connection.emplace(std::move(*made));
  connection->set_timeout_ms(redis_timeout_ms);
  connection->set_answer_bytes_max(page_bytes_max);
  return true;
}

// As many members as an answer holds; one that is too large alone is passed over.
result<std::vector<redis::scored_member>>
botpress_follower::parts::next_page(redis::score_pages& pages) {
  for (;;) {
    auto page = pages.next(*connection, page_count);
    if (page)
      page_count = std::min(page_count * 2, page_members);
    if (page || !connection->answer_was_too_large())
      return page;
    connection.reset();
    if (page_count == 1) {
      pages.pass_over();
      if (!std::exchange(said_large, true))
        spdlog::warn("botpress: `{}` in {} holds a member of more than {}: it is passed over, as "
                     "are others of that size",
                     ctx.config.botpress.key, address.describe(),
                     describe_byte_size(page_bytes_max));
    }
    page_count = std::max<std::size_t>(page_count / 8, 1);
    if (!open())
      return error{"the connection could not be made again"};
  }
}

// Whether the log has all of it.
bool botpress_follower::parts::hand_on(const std::vector<redis::scored_member>& page) {
  std::string text;
  std::uint64_t fresh = 0;
  for (const auto& m : page) {
    if (memory.knows(m.text))
      continue;
    append_line(text, m.text);
    ++fresh;
  }
  if (fresh == 0)
    return true;
  const auto answer = door.post(0, text, post_timeout_ms);
  if (answer.status != 202 && answer.status != 400 &&
      answer.status != 413) { // 400: none of them is a sample, for ever
    spdlog::debug("botpress: the log took no samples: {}", answer.text);
    return false;
  }
  for (const auto& m : page)
    memory.add(m.text, m.score);
  members.add(fresh);
  return true;
}

// Whether everything was read and is in the log.
bool botpress_follower::parts::poll(std::int64_t now_ms) {
  if (!open())
    return false;
  const auto& key = ctx.config.botpress.key;
  redis::score_pages pages(key, static_cast<double>(plan.from(now_ms)));
  while (!is_stopping()) {
    const auto page = next_page(pages);
    if (!page) {
      failed(page.failure().message);
      return false;
    }
    works();
    found_any = found_any || !page->empty();
    if (page->empty())
      break;
    if (!hand_on(*page))
      return false;
  }
  if (!found_any && !std::exchange(said_empty, true))
    spdlog::warn("botpress: `{}` in {} holds no sample of the last two minutes: is this the key "
                 "in which Botpress stores them?",
                 key, address.describe());
  return true;
}

void botpress_follower::parts::run() {
  const auto pause = pause_of(ctx.config);
  do {
    if (ctx.role != engine_role::owner)
      continue;
    const auto now = unix_ms();
    if (plan.from(now) == plan.lowest(now))
      memory.forget_below(static_cast<double>(plan.lowest(now)));
    if (poll(now))
      plan.done(now);
    else
      plan.failed();
  } while (wait(std::max(pause, retry_ms)));
  const std::lock_guard lock(mutex);
  ended = true;
  wake.notify_all();
}

botpress_follower::botpress_follower(engine_context& ctx, caf::actor collector,
                                     redis_address address)
    : parts_(std::make_unique<parts>(ctx, std::move(collector), std::move(address))) {
  parts_->thread = std::thread([p = parts_.get()] { p->run(); });
}

botpress_follower::~botpress_follower() {
  {
    std::unique_lock lock(parts_->mutex);
    parts_->stopping = true;
    parts_->wake.notify_all();
    do // more than once, for it may be about to post; what is cut short is read again
      parts_->door.hurry();
    while (!parts_->wake.wait_for(lock, hurry_again, [&] { return parts_->ended; }));
  }
  parts_->thread.join();
}

} // namespace tocsin
