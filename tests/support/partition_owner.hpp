#pragma once

#include "streams/partition/commit_builder.hpp"
#include "streams/partition/live_aggregator.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/lease.hpp"
#include "streams/sample/column_entry.hpp"
#include "streams/sample/ingest.hpp"
#include "tests/support/random_samples.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <limits>

namespace tocsin::test {

/// Everything an engine knows that a restart must bring back, as text: hosts, first ticks, the
/// values that windows to come can reach, open ticks, blind ticks, open incidents.
inline std::string describe(partition_engine& e) {
  std::map<std::string, std::string> hosts;
  const auto& in = e.in;
  const auto next = in.next();
  const auto watched = e.plan->rules.watched();
  for (host_index h = 0; h < in.hosts().extent(); ++h) {
    const auto& host = in.hosts().at(h);
    if (!host.known)
      continue;
    auto& text = hosts[host.name];
    text = fmt::format("last {} non-blind {} gone {} labels {} since {}-{};", host.last_sample,
                       in.non_blind_at_last(host), host.gone, host.labels, host.since.ms,
                       host.since.seq);
    std::map<std::string, tick> first;
    for (const auto& [f, n] : in.first_ticks(h))
      first[in.fields().name(f)] = n;
    for (const auto& [name, n] : first)
      text += fmt::format(" {} from {}", name, n);
    for (field_index f = 0; f < watched.size(); ++f) {
      text += fmt::format("\n    {}:", watched[f].name);
      const auto* block = in.ring().find(f, h / block_hosts);
      const auto depth = std::max<std::int64_t>(2, watched[f].window_ticks);
      for (auto n = std::max<tick>(0, next - depth + 1);
           block && n <= next + in.grid().ticks_ahead(); ++n)
        if (const auto* row = block->find(n))
          if (const double v = row[h % block_hosts]; v == v)
            text += fmt::format(" {}={}", n, v);
    }
    for (rule_index r = 0; r < e.plan->rules.rules().size(); ++r)
      if (e.incidents.open().test(r, h))
        text += fmt::format("\n    open: {}", e.plan->rules.rules()[r].name);
  }
  auto out = fmt::format("next {} open {} heartbeat {} last entry {} blind", next,
                         e.incidents.open_count(), e.clock.heartbeat_seen(),
                         e.clock.last_entry_ms().value_or(-1));
  for (auto n = next - e.plan->rules.longest_window(); n < next; ++n)
    if (n >= in.history().first() && in.history().blind(n))
      out += fmt::format(" {}", n);
  for (const auto& [name, text] : hosts)
    out += fmt::format("\n  {}: {}", name, text);
  return out;
}

/// What an owner of a partition does, in one thread and without actors: reads the log, seals,
/// judges, commits. It can be stopped dead between any two commits.
class partition_owner {
public:
  partition_owner(redis::connection& c, const redis::partition_keys& keys, settings s)
      : c_(c), keys_(keys), config_(std::move(s)) {}

  /// Ticks that may be sealed before the one before them is committed; below 8.
  std::size_t lag = 0;
  /// It stops dead after so many parts.
  std::size_t parts_left = std::numeric_limits<std::size_t>::max();
  /// The state after each seal and its judgement, by the end of the tick.
  std::map<std::string, std::string> states;
  bool keep_states = false;
  /// Called after each seal and its judgement.
  std::function<void(const partition_engine&)> on_seal;
  /// Threads that decode besides its own.
  unsigned decoders = 2;

  /// Recovers what stands in Redis.
  void start() {
    auto lease = redis::read_lease(c_, keys_);
    ASSERT_TRUE(lease.ok());
    if (lease->owner.empty()) {
      ASSERT_TRUE(redis::acquire_lease(c_, keys_, owner, *lease).ok());
    }
    auto from = recover({c_, keys_, redis::cluster_keys("tocsin"), config_, owner, decoders});
    ASSERT_TRUE(from.ok()) << from.failure().message;
    builder_ = std::make_unique<commit_builder>(owner, from->rules_hash, from->mark,
                                                from->engine->in.grid());
    recovered_tick = from->mark ? from->mark->tick : "";
    core_ = std::make_unique<live_aggregator>(std::move(*from), decoders);
  }
  std::string recovered_tick;

  /// Reads the log up to its end. `now_ms`: Redis's clock, else far beyond every entry; `live`: the
  /// end is an end, silence counts. False: it stopped dead.
  bool read(std::int64_t now_ms = INT64_MAX / 4, bool live = false) {
    bool more = true;
    while (more) {
      auto batch = redis::read_log(c_, keys_.samples, to_id(core_->position()), pace_);
      EXPECT_TRUE(batch.ok());
      more = !batch->entries.empty();
      batch->server_time_ms = now_ms;
      batch->at_end = live && batch->at_end;
      more = more && !batch->at_end;
      core_->offer(std::make_shared<timed_batch>(timed_batch{std::move(*batch), now_ms}));
      if (!go_on())
        return false;
    }
    return commit_down_to(0);
  }

  live_aggregator& core() { return *core_; }

private:
  bool go_on() {
    while (!core_->wants_batch()) {
      const auto seal = core_->advance();
      if (!seal)
        continue;
      auto& engine = core_->engine();
      auto outcome = engine.judge(seal->sealed, seal->forgotten, seal->check);
      if (keep_states)
        states[std::to_string(engine.in.grid().end_ms(seal->sealed))] = describe(engine);
      if (on_seal)
        on_seal(engine);
      queue_.push_back(builder_->build(*seal, std::move(outcome)));
      core_->checked();
      if (!commit_down_to(lag))
        return false;
    }
    return true;
  }
  bool commit_down_to(std::size_t ticks) {
    for (; queue_.size() > ticks; queue_.pop_front()) {
      for (const auto& part : queue_.front()) {
        if (parts_left == 0)
          return false;
        --parts_left;
        const auto done = redis::commit(c_, keys_, part);
        if (!done || *done != redis::commit_outcome::committed) {
          ADD_FAILURE() << (done ? "the commit was refused" : done.failure().message);
          return false;
        }
      }
      core_->committed();
    }
    return true;
  }

  static constexpr const char* owner = "worker:nonce:1";
  redis::connection& c_;
  const redis::partition_keys& keys_;
  settings config_;
  redis::read_pace pace_;
  std::unique_ptr<live_aggregator> core_;
  std::unique_ptr<commit_builder> builder_;
  std::deque<std::vector<redis::commit_part>> queue_;
};

/// Lines as an entry of form "c".
inline std::string columns_of(const std::string& lines) {
  const auto body = body_reader().read(lines, 0);
  EXPECT_EQ(body.rejected, 0u) << lines;
  column_writer writer;
  for (std::size_t i = 0; i < body.rows.size(); ++i)
    writer.add(body.rows, i);
  return writer.take();
}

/// Appends lines to a log with their log times as ids, some of them together in one entry, in one
/// of the forms.
inline void write_log(redis::connection& c, const std::string& key,
                      const std::vector<naive_line>& lines, dice d) {
  std::uint64_t seq = 0;
  for (std::size_t i = 0; i < lines.size();) {
    const auto at = lines[i].at_ms;
    seq = i > 0 && lines[i - 1].at_ms == at ? seq + 1 : 0;
    std::string text;
    const bool heartbeat = lines[i].host.empty();
    do
      text += heartbeat ? "" : json_of(lines[i]) + "\n";
    while (++i < lines.size() && !heartbeat && lines[i].at_ms == at && !lines[i].host.empty() &&
           d.percent(50));
    const bool columns = !heartbeat && d.percent(50);
    c.append({"XADD", key, fmt::format("{}-{}", at, seq),
              heartbeat ? "hb"
              : columns ? "c"
                        : "s",
              columns ? columns_of(text) : text});
  }
  const auto replies = c.flush();
  ASSERT_TRUE(replies.ok());
  for (const auto& r : *replies)
    ASSERT_FALSE(r.is_error()) << r.text;
}

inline std::vector<redis::stream_entry> stream_of(redis::connection& c, const std::string& key) {
  std::vector<redis::stream_entry> all;
  redis::stream_id after;
  while (true) {
    auto page = redis::events_after(c, key, after, redis::events_read_max);
    EXPECT_TRUE(page.ok());
    if (!page || page->empty())
      return all;
    after = page->back().id;
    all.insert(all.end(), page->begin(), page->end());
  }
}

/// An entry of the incident stream as brief() writes events.
inline std::string brief(const redis::stream_entry& e) {
  const auto field = [&](std::string_view name) { return redis::field_of(e, name); };
  return fmt::format("{} {} | {} | {}..{} = {} {} {}", field("event"), field("ruleName"),
                     field("hostName"), read_iso_time(field("startTime")).value_or(-1),
                     read_iso_time(field("endTime")).value_or(0), field("triggerValue"),
                     field("reason"), field("id"));
}
template <class Events>
std::vector<std::string> briefs(const Events& events) {
  std::vector<std::string> out;
  for (const auto& e : events)
    out.push_back(brief(e));
  return out;
}

} // namespace tocsin::test
