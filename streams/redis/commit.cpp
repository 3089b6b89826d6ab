#include "streams/redis/commit.hpp"

#include "streams/redis/commit_script.hpp"
#include "streams/redis/message_pack.hpp"
#include "streams/redis/script.hpp"

#include <cassert>
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

std::string pack_entry(stream_id id, const std::vector<field_value>& fields) {
  packed_list list;
  list.add(id.text());
  for (const auto& [field, value] : fields) {
    list.add(field);
    list.add(value);
  }
  return list.text();
}

std::string pack_row(const tick_row& row) {
  std::vector<field_value> fields = {{"logId", row.log_id},
                                     {"blind", row.blind ? "1" : "0"},
                                     {"nonBlind", std::to_string(row.non_blind)},
                                     {"rules", row.rules}};
  fields.insert(fields.end(), row.extra.begin(), row.extra.end());
  return pack_entry({static_cast<std::uint64_t>(row.end_ms), 0}, fields);
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
  std::vector<std::string> args = {
      part.owner, part.expected ? pack_mark(*part.expected) : std::string(), pack_mark(part.next),
      part.row ? pack_row(*part.row) : std::string(), std::to_string(part.events.size())};
  for (const auto& event : part.events)
    args.push_back(pack_entry(event.id, event.fields));
  add_changes(args, part.open, key_number::open);
  add_changes(args, part.cooldowns, key_number::cooldowns);
  add_changes(args, part.hosts, key_number::hosts);
  return args;
}

status check_bounds(const commit_part& part) {
  if (part.events.size() > commit_part::events_max)
    return error{fmt::format("a commit of {} events: a part holds at most {}", part.events.size(),
                             commit_part::events_max)};
  for (const auto& event : part.events)
    if (event.fields.empty() || event.fields.size() > entry_fields_max)
      return error{fmt::format("event {} has {} fields: 1 to {} are possible", event.id.text(),
                               event.fields.size(), entry_fields_max)};
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

} // namespace

result<commit_outcome> commit(connection& c, const partition_keys& keys, const commit_part& part) {
  static const script commit_script(commit_source);
  if (auto s = check_bounds(part); !s)
    return s.failure();
  const std::string_view key_names[] = {keys.lease, keys.samples,   keys.ticks, keys.incidents,
                                        keys.open,  keys.cooldowns, keys.hosts, keys.progress};
  const auto args = arguments_of(part);
  const std::vector<std::string_view> views(args.begin(), args.end());
  auto r = commit_script.run(c, key_names, views);
  if (!r)
    return r.failure();
  return outcome_of(c, *r);
}

} // namespace tocsin::redis
