#include "bench/pipeline/history.hpp"

#include "bench/pipeline/load.hpp"
#include "bench/pipeline/process.hpp"
#include "streams/redis/connection.hpp"
#include "streams/redis/sample_log.hpp"
#include "streams/sample/column_entry.hpp"
#include "streams/sample/entry.hpp"
#include "streams/sample/ingest.hpp"

#include <algorithm>

namespace tocsin::bench {

namespace {

constexpr std::size_t flush_bytes = std::size_t{4} << 20;

status flush(redis::connection& c) {
  const auto replies = c.flush();
  if (!replies)
    return replies.failure();
  for (const auto& r : *replies)
    if (r.is_error())
      return redis::reply_error(c, "XADD", r);
  return done{};
}

// Redis syncs its file before each answer; for as much as this, it need not.
status sync_always(redis::connection& c, bool always) {
  const auto set = c.call({"CONFIG", "SET", "appendfsync", always ? "always" : "no"});
  return set ? status(done{}) : set.failure();
}

/// Lines on their way into entries of the log.
class packer {
public:
  explicit packer(bool columns) : columns_(columns) {}

  redis::log_payload pack(const std::string& lines) {
    if (!columns_) {
      auto entry = lines_.write(lines);
      return {std::string(entry.form), std::move(entry.bytes)};
    }
    const auto body = reader_.read(lines, 0);
    writer_.begin();
    for (std::size_t i = 0; i < body.rows.size(); ++i)
      writer_.add(body.rows, i);
    return {"c", writer_.take()};
  }

private:
  const bool columns_;
  entry_writer lines_;
  body_reader reader_;
  column_writer writer_;
};

// Ids say when the entry would have come: below a tick's seal, and rising.
status write_tick(redis::connection& c, packer& packing, const std::string& key,
                  const history_options& o, std::int64_t tick) {
  std::string lines;
  const auto batches = (o.hosts + o.batch - 1) / o.batch;
  for (std::uint64_t b = 0; b < batches; ++b) {
    const auto at =
        tick * o.interval_ms + static_cast<std::int64_t>(batch_due_ms(b, batches, o.interval_ms));
    lines.clear();
    append_samples(o.shape, b * o.batch, std::min((b + 1) * o.batch, o.hosts), tick, at, lines);
    const auto entry = packing.pack(lines);
    const auto id = redis::stream_id{static_cast<std::uint64_t>(at), b + 1}.text();
    c.append({"XADD", key, id, entry.form, entry.bytes});
    if (c.pending_bytes() > flush_bytes)
      if (const auto s = flush(c); !s)
        return s;
  }
  return flush(c);
}

} // namespace

result<std::int64_t> write_history(const redis_address& address, const std::string& log_key,
                                   const history_options& o,
                                   const std::function<bool(std::int64_t left)>& told) {
  auto c = redis::connection::open(address, "tocsin-bench-history");
  if (!c)
    return c.failure();
  if (const auto s = sync_always(*c, false); !s)
    return s.failure();
  packer packing(o.columns);
  const auto current = [&] {
    return workload::tick_at(static_cast<std::int64_t>(now_ms()), o.interval_ms);
  };
  auto tick = current() - o.ticks;
  for (auto left = current() - tick; left > 0; left = current() - tick) {
    if (!told(left))
      return error{"stopped"};
    if (const auto s = write_tick(*c, packing, log_key, o, tick); !s)
      return s.failure();
    ++tick;
  }
  if (const auto s = sync_always(*c, true); !s)
    return s.failure();
  return tick;
}

} // namespace tocsin::bench
