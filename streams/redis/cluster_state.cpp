#include "streams/redis/cluster_state.hpp"

#include "streams/redis/stream_id.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tocsin::redis {

namespace {

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  for (;;) {
    const auto comma = text.find(',');
    tags.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos)
      return tags;
    text.remove_prefix(comma + 1);
  }
}

std::string value_in(const std::vector<reply>& flat, std::string_view name) {
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    if (flat[i].text == name)
      return flat[i + 1].text;
  return {};
}

std::int64_t number_in(const std::vector<reply>& flat, std::string_view name) {
  return static_cast<std::int64_t>(parse_unsigned(value_in(flat, name)).value_or(0));
}

error schema_error(const connection& c, const cluster_keys& keys, std::int64_t schema) {
  return error{fmt::format("{}: {} was written by a newer Tocsin (schema {}, this one reads {}): "
                           "upgrade this one, or use another tocsin.prefix",
                           c.where(), keys.cluster, schema, cluster_facts::schema_version)};
}

result<cluster_facts> facts_of(const connection& c, const cluster_keys& keys,
                               const std::vector<reply>& flat) {
  cluster_facts f;
  f.schema = number_in(flat, "schema");
  if (f.schema > cluster_facts::schema_version)
    return schema_error(c, keys, f.schema);
  f.name = value_in(flat, "name");
  f.tags = split_tags(value_in(flat, "tags"));
  f.interval_ms = number_in(flat, "interval");
  f.grace_ms = number_in(flat, "grace");
  const auto partitions = number_in(flat, "partitions");
  if (f.schema == 0 || f.interval_ms == 0 ||
      partitions != static_cast<std::int64_t>(f.partitions()))
    return error{
        fmt::format("{}: {} is damaged: its fields do not agree (another program wrote to "
                    "it). DEL {}: it is made again with what this engine is configured for",
                    c.where(), keys.cluster, keys.cluster)};
  return f;
}

} // namespace

result<std::optional<cluster_facts>> load_cluster(connection& c, const cluster_keys& keys) {
  auto r = c.call({"HGETALL", keys.cluster});
  if (!r)
    return r.failure();
  if (r->elements.empty())
    return std::optional<cluster_facts>();
  auto f = facts_of(c, keys, r->elements);
  if (!f)
    return f.failure();
  return std::optional(std::move(*f));
}

result<cluster_facts> join_cluster(connection& c, const cluster_keys& keys,
                                   const cluster_facts& wanted) {
  const std::pair<std::string_view, std::string> fields[] = {
      {"name", wanted.name},
      {"partitions", std::to_string(wanted.partitions())},
      {"tags", fmt::format("{}", fmt::join(wanted.tags, ","))},
      {"interval", std::to_string(wanted.interval_ms)},
      {"grace", std::to_string(wanted.grace_ms)},
      {"schema", std::to_string(wanted.schema)}};
  c.append({"MULTI"});
  for (const auto& [field, value] : fields)
    c.append({"HSETNX", keys.cluster, field, value});
  c.append({"HGETALL", keys.cluster});
  c.append({"EXEC"});
  auto replies = c.flush();
  if (!replies)
    return replies.failure();
  const auto& exec = replies->back();
  if (exec.is_error())
    return reply_error(c, keys.cluster, exec);
  if (exec.elements.empty() || exec.elements.back().is_error())
    return exec.elements.empty() ? shape_error(c, keys.cluster)
                                 : reply_error(c, keys.cluster, exec.elements.back());
  return facts_of(c, keys, exec.elements.back().elements);
}

std::vector<std::string> cluster_mismatches(const cluster_facts& stored,
                                            const cluster_facts& wanted) {
  std::vector<std::string> lines;
  const auto compare = [&](std::string_view what, const std::string& has, const std::string& asks) {
    if (has != asks)
      lines.push_back(
          fmt::format("{}: the cluster has {}, this configuration {}", what, has, asks));
  };
  compare("name", fmt::format("`{}`", stored.name), fmt::format("`{}`", wanted.name));
  compare("partitions", std::to_string(stored.partitions()), std::to_string(wanted.partitions()));
  if (stored.partitions() == wanted.partitions())
    compare("tags", fmt::format("{}", fmt::join(stored.tags, ",")),
            fmt::format("{}", fmt::join(wanted.tags, ",")));
  compare("interval", fmt::format("{} ms", stored.interval_ms),
          fmt::format("{} ms", wanted.interval_ms));
  compare("grace", fmt::format("{} ms", stored.grace_ms), fmt::format("{} ms", wanted.grace_ms));
  return lines;
}

namespace {

status done_or(const result<reply>& r) {
  return r ? status(done{}) : status(r.failure());
}

result<std::optional<std::string>> read_field(connection& c, const std::string& key,
                                              std::string_view field) {
  auto r = c.call({"HGET", key, field});
  if (!r)
    return r.failure();
  return r->is_nil() ? std::optional<std::string>() : std::optional(std::move(r->text));
}

} // namespace

status store_cluster_timing(connection& c, const cluster_keys& keys, std::int64_t interval_ms,
                            std::int64_t grace_ms) {
  const auto interval = std::to_string(interval_ms), grace = std::to_string(grace_ms);
  return done_or(c.call({"HSET", keys.cluster, "interval", interval, "grace", grace}));
}

status store_rules(connection& c, const cluster_keys& keys, const std::string& hash,
                   const std::string& json) {
  return done_or(c.call({"HSET", keys.rules, hash, json}));
}

status set_current_rules(connection& c, const cluster_keys& keys, const std::string& hash) {
  return done_or(c.call({"HSET", keys.rules, "current", hash}));
}

result<std::optional<std::string>> current_rules(connection& c, const cluster_keys& keys) {
  return read_field(c, keys.rules, "current");
}

result<std::optional<std::string>> load_rules(connection& c, const cluster_keys& keys,
                                              const std::string& hash) {
  return read_field(c, keys.rules, hash);
}

result<std::uint64_t> forget_rules_except(connection& c, const cluster_keys& keys,
                                          std::span<const std::string> hashes) {
  auto in_force = current_rules(c, keys);
  auto all = c.call({"HKEYS", keys.rules});
  if (!in_force || !all)
    return in_force ? all.failure() : in_force.failure();
  std::vector<std::string_view> words = {"HDEL", keys.rules};
  for (const auto& field : all->elements)
    if (field.text != "current" && field.text != in_force->value_or("") &&
        std::find(hashes.begin(), hashes.end(), field.text) == hashes.end())
      words.push_back(field.text);
  if (words.size() == 2)
    return std::uint64_t{0};
  auto r = c.call(words);
  return r ? result<std::uint64_t>(static_cast<std::uint64_t>(r->number)) : r.failure();
}

status announce_worker(connection& c, const cluster_keys& keys, const std::string& worker) {
  return done_or(c.call({"ZINCRBY", keys.workers, "1", worker}));
}

status withdraw_worker(connection& c, const cluster_keys& keys, const std::string& worker) {
  return done_or(c.call({"ZREM", keys.workers, worker}));
}

result<std::vector<worker_presence>> list_workers(connection& c, const cluster_keys& keys) {
  auto r = c.call({"ZRANGE", keys.workers, "0", "-1", "WITHSCORES"});
  if (!r)
    return r.failure();
  std::vector<worker_presence> workers;
  for (std::size_t i = 0; i + 1 < r->elements.size(); i += 2)
    workers.push_back(
        {std::move(r->elements[i].text), parse_unsigned(r->elements[i + 1].text).value_or(0)});
  return workers;
}

} // namespace tocsin::redis
