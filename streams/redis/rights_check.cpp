#include "streams/redis/rights_check.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace tocsin::redis {

namespace {

using words = std::vector<std::string_view>;

// A command as ACLs name it, and what stands behind its name when it is tried. Empty: opening a
// connection has shown it already, or it can be done without.
struct needed {
  std::string_view acl;
  words trial;
};

std::vector<needed> commands_on(const partition_keys& k) {
  const std::string_view log = k.samples, events = k.incidents, hash = k.progress;
  constexpr std::string_view sha1 = "0000000000000000000000000000000000000000", group = "g";
  return {
      // the connection and the server
      {"auth", {}},
      {"select", {}},
      {"ping", {"PING"}},
      {"client|setname", {}},
      {"info", {"INFO"}},
      {"config|get", {}},
      {"time", {"TIME"}},
      // transactions and scripts
      {"multi", {}},
      {"exec", {}},
      {"discard", {}},
      {"eval", {"EVAL", "return 1", "1", hash}},
      {"evalsha", {"EVALSHA", sha1, "1", hash}},
      {"script|load", {"SCRIPT", "LOAD", "return 1"}},
      // keys and hashes
      {"type", {"TYPE", hash}},
      {"exists", {"EXISTS", hash}},
      {"memory|usage", {"MEMORY", "USAGE", log}},
      {"hget", {"HGET", hash, "f"}},
      {"hmget", {"HMGET", hash, "f"}},
      {"hgetall", {"HGETALL", hash}},
      {"hkeys", {"HKEYS", hash}},
      {"hlen", {"HLEN", hash}},
      {"hscan", {"HSCAN", hash, "0"}},
      {"hexists", {"HEXISTS", hash, "f"}},
      {"hset", {"HSET", hash, "f", "v"}},
      {"hsetnx", {"HSETNX", hash, "f", "v"}},
      {"hincrby", {"HINCRBY", hash, "f", "1"}},
      {"hdel", {"HDEL", hash, "f"}},
      // streams
      {"xadd", {"XADD", log, "*", "f", "v"}},
      {"xtrim", {"XTRIM", log, "MINID", "0"}},
      {"xread", {"XREAD", "STREAMS", log, "0"}},
      {"xrange", {"XRANGE", log, "-", "+"}},
      {"xrevrange", {"XREVRANGE", log, "+", "-"}},
      {"xinfo|stream", {"XINFO", "STREAM", log}},
      // consumer groups: sinks
      {"xinfo|groups", {"XINFO", "GROUPS", events}},
      {"xgroup|create", {"XGROUP", "CREATE", events, group, "0"}},
      {"xreadgroup", {"XREADGROUP", "GROUP", group, "c", "STREAMS", events, ">"}},
      {"xpending", {"XPENDING", events, group}},
      {"xclaim", {"XCLAIM", events, group, "c", "0", "0-0"}},
      {"xack", {"XACK", events, group, "0-0"}},
  };
}

// Rights on keys are looked at with each command; a script may do anything with those it names.
words all_keys_in_a_script(const partition_keys& k, const cluster_keys& cluster) {
  return {"EVAL",          "return 1",      "12",         k.samples, k.ticks,    k.open,
          k.incidents,     k.lease,         k.cooldowns,  k.hosts,   k.progress, k.hooks_dead,
          k.webhooks_dead, cluster.cluster, cluster.rules};
}

bool not_allowed(const reply& r) {
  // Of EXEC it says "EXECABORT … because of: NOPERM …".
  return r.is_error() && r.text.find("NOPERM") != std::string::npos;
}

bool not_there(const reply& r) {
  return r.is_error() && (r.text.find("unknown command") != std::string::npos ||
                          r.text.find("nknown subcommand") != std::string::npos);
}

std::string with(const std::string& list, std::string_view one) {
  return list.empty() ? std::string(one) : fmt::format("{}, {}", list, one);
}

status refusal(const connection& c, const std::string& denied, const std::string& missing,
               bool keys_denied, const cluster_keys& cluster) {
  std::string what;
  if (!missing.empty())
    what += fmt::format("; it has no {}: take back what renames or disables that", missing);
  if (!denied.empty())
    what += fmt::format("; this user may not use {}", denied);
  else if (keys_denied)
    what += fmt::format("; this user may not use the keys that begin with {}",
                        cluster.cluster.substr(0, cluster.cluster.find(':') + 1));
  if (what.empty())
    return done{};
  return error{fmt::format(
      "{} refuses what Tocsin needs{} (docs/redis.md has the ACL that it needs)", c.where(), what)};
}

} // namespace

std::vector<std::string_view> needed_commands() {
  std::vector<std::string_view> names;
  for (const auto& one : commands_on(partition_keys("", "")))
    names.push_back(one.acl);
  return names;
}

status check_rights(connection& c, const partition_keys& keys, const cluster_keys& cluster) {
  std::string denied, missing;
  const auto judge = [&](std::string_view name, const reply& r) {
    if (not_allowed(r))
      denied = with(denied, name);
    else if (not_there(r))
      missing = with(missing, name);
  };
  c.append({"EXEC"}); // without MULTI an error, but not this one
  c.append({"MULTI"});
  const auto begun = c.flush();
  if (!begun)
    return begun.failure();
  judge("exec", (*begun)[0]);
  judge("multi", (*begun)[1]);
  if ((*begun)[1].is_error()) // what came now would be done
    return refusal(c, denied, missing, false, cluster);
  auto all = commands_on(keys);
  std::erase_if(all, [](const needed& one) { return one.trial.empty(); });
  for (const auto& one : all)
    c.append(one.trial);
  c.append(all_keys_in_a_script(keys, cluster));
  c.append({"DISCARD"});
  const auto queued = c.flush();
  if (!queued)
    return queued.failure();
  for (std::size_t i = 0; i < all.size(); ++i)
    judge(all[i].acl, (*queued)[i]);
  return refusal(c, denied, missing, not_allowed((*queued)[all.size()]), cluster);
}

} // namespace tocsin::redis
