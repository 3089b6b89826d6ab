#include "streams/redis/commit.hpp"

#include "streams/redis/commit_script.hpp"
#include "streams/redis/message_pack.hpp"
#include "streams/redis/script.hpp"

#include <array>
#include <fmt/format.h>
#include <string_view>

namespace tocsin::redis {

namespace {

/// Arguments of one HSET or HDEL: Lua's stack takes about 8,000.
constexpr std::uint32_t change_arguments_max = 2'000;
constexpr std::size_t change_bytes_max = 256 * 1024;
/// Fields and values of one event or row, for the same reason.
constexpr std::size_t entry_fields_max = 1'000;

/// Numbers of the hashes among the script's KEYS.
enum class key_number : std::uint8_t { open = 5, cooldowns = 6, hosts = 7 };

std::string pack_mark(const progress_mark& m) {
  packed_list list;
  for (const auto* value : {&m.tick, &m.part, &m.log_id, &m.rules, &m.last_event_id})
    list.add(*value);
  return list.text();
}

std::string pack_row(const tick_row& row) {
  packed_list list;
  for (const auto& word : row_words(row))
    list.add(word);
  return list.text();
}

// Collects arguments of one command on one hash, and cuts them into pieces.
class change_writer {
public:
  change_writer(std::vector<std::string>& args, std::string_view command, key_number key)
      : args_(args), command_(command), key_(key) {}

  void add(std::string_view first, std::optional<std::string_view> second = std::nullopt) {
    if (list_.size() == 0) {
      list_.add(command_);
      list_.add(std::to_string(static_cast<int>(key_)));
    }
    list_.add(first);
    if (second)
      list_.add(*second);
    if (list_.size() >= change_arguments_max || list_.bytes() >= change_bytes_max)
      finish();
  }
  void finish() {
    if (list_.size() != 0)
      args_.push_back(std::exchange(list_, packed_list()).text());
  }

private:
  std::vector<std::string>& args_;
  std::string_view command_;
  key_number key_;
  packed_list list_;
};

void add_changes(std::vector<std::string>& args, const hash_changes& changes, key_number key) {
  change_writer set(args, "HSET", key);
  for (const auto& [field, value] : changes.set)
    set.add(field, value);
  set.finish();
  change_writer remove(args, "HDEL", key);
  for (const auto& field : changes.remove)
    remove.add(field);
  remove.finish();
}

std::vector<std::string> arguments_of(const commit_part& part) {
  std::vector<std::string> args = {part.owner,
                                   part.expected ? pack_mark(*part.expected) : std::string(),
                                   pack_mark(part.next),
                                   part.row ? pack_row(*part.row) : std::string(),
                                   std::to_string(part.events.size()),
                                   part.events.text()};
  add_changes(args, part.open, key_number::open);
  add_changes(args, part.cooldowns, key_number::cooldowns);
  add_changes(args, part.hosts, key_number::hosts);
  return args;
}

status check_bounds(const commit_part& part) {
  if (part.events.size() > commit_part::events_max)
    return error{fmt::format("a commit of {} events: a part holds at most {}", part.events.size(),
                             commit_part::events_max)};
  if (!part.events.empty() &&
      (part.events.fewest_fields() == 0 || part.events.most_fields() > 2 * entry_fields_max))
    return error{fmt::format("an event has no field or more than {}", entry_fields_max)};
  if (part.row && part.row->extra.size() > entry_fields_max)
    return error{"a row with too many fields"};
  if (!part.expected && !part.row)
    return error{"the first commit of a partition needs the row of its tick"};
  return done{};
}

result<commit_outcome> outcome_of(const connection& c, const reply& r) {
  if (r.text == "COMMITTED")
    return commit_outcome::committed;
  if (r.text == "DUPLICATE")
    return commit_outcome::duplicate;
  if (r.text == "LOST")
    return commit_outcome::lost;
  if (r.text == "FENCED")
    return commit_outcome::fenced;
  return shape_error(c, "commit");
}

const script& commit_script() {
  static const script s(commit_source);
  return s;
}

// The words of one run, and what they point to.
struct commit_words {
  commit_words(const partition_keys& k, const commit_part& part)
      : keys{k.lease, k.samples, k.ticks, k.incidents, k.open, k.cooldowns, k.hosts, k.progress},
        texts(arguments_of(part)), args(texts.begin(), texts.end()) {}

  std::array<std::string_view, 8> keys;
  std::vector<std::string> texts;
  std::vector<std::string_view> args;
};

} // namespace

std::vector<std::string> row_words(const tick_row& row) {
  std::vector<std::string> words = {stream_id{static_cast<std::uint64_t>(row.end_ms), 0}.text(),
                                    "logId",
                                    row.log_id,
                                    "blind",
                                    row.blind ? "1" : "0",
                                    "nonBlind",
                                    std::to_string(row.non_blind),
                                    "rules",
                                    row.rules};
  for (const auto& [field, value] : row.extra) {
    words.push_back(field);
    words.push_back(value);
  }
  return words;
}

result<commit_outcome> commit(connection& c, const partition_keys& keys, const commit_part& part) {
  if (auto s = check_bounds(part); !s)
    return s.failure();
  const commit_words words(keys, part);
  auto r = commit_script().run(c, words.keys, words.args);
  if (!r)
    return r.failure();
  return outcome_of(c, *r);
}

status load_commit(connection& c) {
  return commit_script().load(c);
}

status send_commit(connection& c, const partition_keys& keys, const commit_part& part) {
  if (auto s = check_bounds(part); !s)
    return s;
  const commit_words words(keys, part);
  commit_script().append_to(c, words.keys, words.args);
  return c.send();
}

result<commit_outcome> receive_commit(connection& c) {
  auto r = c.receive();
  if (!r)
    return r.failure();
  if (r->is_error())
    return reply_error(c, "commit", *r);
  return outcome_of(c, *r);
}

} // namespace tocsin::redis
