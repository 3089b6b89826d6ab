#include "streams/redis/sample_log.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace tocsin::redis {

namespace {

constexpr std::size_t pace_grow_below_bytes = std::size_t{1} << 20;
constexpr std::size_t pace_shrink_above_bytes = std::size_t{4} << 20;

append_result read_append_reply(const reply& r) {
  if (r.is_error())
    return append_refusal{std::string(r.error_code()), r.text};
  const auto id = stream_id::parse(r.text);
  if (!id)
    return append_refusal{"SHAPE", "XADD answered no id: " + r.text};
  return *id;
}

append_refusal too_large(const log_payload& p) {
  return {"TOOLARGE", fmt::format("TOOLARGE an entry of {} bytes: the log takes at most {}",
                                  p.bytes.size(), log_entry_bytes_max)};
}

// Sends what was appended; `waiting` are the places in `results` of its answers.
status flush_into(connection& c, std::vector<std::size_t>& waiting,
                  std::vector<append_result>& results) {
  if (waiting.empty())
    return done{};
  auto replies = c.flush();
  if (!replies)
    return replies.failure();
  for (std::size_t i = 0; i < waiting.size(); ++i)
    results[waiting[i]] = read_append_reply((*replies)[i]);
  waiting.clear();
  return done{};
}

log_entry read_entry(reply&& r, stream_id id) {
  log_entry e{id, {}, {}};
  auto& fields = r.elements[1].elements;
  if (fields.size() == 2) {
    e.form = std::move(fields[0].text);
    e.bytes = std::move(fields[1].text);
  }
  return e;
}

// [[key, [[id, [field, value…]]…]]], or nil where nothing stands behind.
bool read_entries(reply&& r, std::vector<log_entry>& into) {
  if (r.is_nil())
    return true;
  if (r.elements.size() != 1 || r.elements[0].elements.size() != 2)
    return false;
  for (auto& e : r.elements[0].elements[1].elements) {
    if (e.elements.size() != 2)
      return false;
    const auto id = stream_id::parse(e.elements[0].text);
    if (!id)
      return false;
    into.push_back(read_entry(std::move(e), *id));
  }
  return true;
}

std::size_t bytes_of(const std::vector<log_entry>& entries) {
  std::size_t bytes = 0;
  for (const auto& e : entries)
    bytes += e.bytes.size();
  return bytes;
}

std::optional<stream_id> id_of_entry(const reply& r) {
  return r.elements.empty() ? std::nullopt : stream_id::parse(r.elements[0].text);
}

stream_facts facts_of(const reply& info) {
  stream_facts f;
  for (std::size_t i = 0; i + 1 < info.elements.size(); i += 2) {
    const auto& name = info.elements[i].text;
    const auto& value = info.elements[i + 1];
    if (name == "length")
      f.length = static_cast<std::uint64_t>(value.number);
    else if (name == "radix-tree-keys")
      f.nodes = static_cast<std::uint64_t>(value.number);
    else if (name == "last-generated-id")
      f.last_generated = stream_id::parse(value.text).value_or(stream_id{});
    else if (name == "entries-added")
      f.added = static_cast<std::uint64_t>(value.number);
    else if (name == "first-entry")
      f.first = id_of_entry(value);
    else if (name == "last-entry")
      f.last = id_of_entry(value);
  }
  return f;
}

} // namespace

result<std::vector<append_result>> append_to_log(connection& c, const std::string& key,
                                                 std::span<const log_payload> payloads) {
  std::vector<append_result> results(payloads.size(), append_refusal{});
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const auto& p = payloads[i];
    if (p.bytes.size() > log_entry_bytes_max) {
      results[i] = too_large(p);
      continue;
    }
    c.append({"XADD", key, "*", p.form, p.bytes});
    waiting.push_back(i);
    if (c.pending_bytes() >= connection::pipeline_bytes_max)
      if (auto s = flush_into(c, waiting, results); !s)
        return s.failure();
  }
  if (auto s = flush_into(c, waiting, results); !s)
    return s.failure();
  return results;
}

void read_pace::note(std::size_t entries, std::size_t bytes) noexcept {
  if (bytes > pace_shrink_above_bytes)
    count_ = count_min;
  else if (entries >= count_ && bytes < pace_grow_below_bytes)
    count_ = std::min(count_ * 2, count_max);
}

result<log_batch> read_log(connection& c, const std::string& key, stream_id after,
                           read_pace& pace) {
  const auto count = std::to_string(pace.count());
  const auto from = after.text();
  c.append({"TIME"});
  c.append({"XREAD", "COUNT", count, "STREAMS", key, from});
  auto replies = c.flush();
  if (!replies)
    return replies.failure();
  const auto time = time_reply_ms((*replies)[0]);
  auto& read = (*replies)[1];
  if (read.is_error())
    return reply_error(c, "XREAD " + key, read);
  log_batch batch;
  if (!time || !read_entries(std::move(read), batch.entries))
    return shape_error(c, "XREAD " + key);
  batch.server_time_ms = *time;
  batch.at_end = batch.entries.size() < pace.count();
  pace.note(batch.entries.size(), bytes_of(batch.entries));
  return batch;
}

log_range::~log_range() {
  if (asked_ && !connection_.broken())
    static_cast<void>(connection_.receive());
}

status log_range::ask() {
  const auto count = std::to_string(pace_.count());
  const auto from = after_.text();
  connection_.append({"XREAD", "COUNT", count, "STREAMS", key_, from});
  auto sent = connection_.send();
  asked_ = sent.ok();
  return sent;
}

result<std::vector<log_entry>> log_range::next() {
  std::vector<log_entry> entries;
  if (ended_ || !(after_ < until_))
    return entries;
  if (!asked_)
    if (const auto s = ask(); !s)
      return s.failure();
  asked_ = false;
  auto read = connection_.receive();
  if (!read)
    return read.failure();
  if (read->is_error())
    return reply_error(connection_, "XREAD " + key_, *read);
  if (!read_entries(std::move(*read), entries))
    return shape_error(connection_, "XREAD " + key_);
  pace_.note(entries.size(), bytes_of(entries));
  while (!entries.empty() && until_ < entries.back().id) {
    ended_ = true;
    entries.pop_back();
  }
  if (!entries.empty())
    after_ = entries.back().id;
  else
    ended_ = true;
  if (!ended_ && after_ < until_)
    if (const auto s = ask(); !s)
      return s.failure();
  return entries;
}

result<log_wait> wait_for_log(connection& c, const std::string& key, stream_id after,
                              std::int64_t timeout_ms, const std::function<void()>& when_silent) {
  // BLOCK 0 would wait for ever.
  const auto block = std::to_string(std::max<std::int64_t>(timeout_ms, 1));
  const auto from = after.text();
  const std::string_view words[] = {"XREAD", "COUNT", "1", "BLOCK", block, "STREAMS", key, from};
  auto r = c.exchange_or_stall(words, timeout_ms + stall_slack_ms, {timeout_ms, when_silent});
  if (!r)
    return r.failure();
  if (!r->has_value())
    return log_wait::stalled;
  if ((*r)->is_error())
    return reply_error(c, "XREAD " + key, **r);
  return (*r)->is_nil() ? log_wait::silence : log_wait::entry;
}

result<stream_facts> read_stream_facts(connection& c, const std::string& key) {
  auto r = c.exchange({"XINFO", "STREAM", key});
  if (!r)
    return r.failure();
  if (r->is_error() && r->text.find("no such key") != std::string::npos)
    return stream_facts{};
  if (r->is_error())
    return reply_error(c, "XINFO STREAM " + key, *r);
  return facts_of(*r);
}

result<bool> entry_exists(connection& c, const std::string& key, stream_id id) {
  const auto text = id.text();
  auto r = c.call({"XRANGE", key, text, text});
  if (!r)
    return r.failure();
  return !r->elements.empty();
}

} // namespace tocsin::redis
