#include "streams/redis/server_check.hpp"

#include "streams/redis/stream_id.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <map>

namespace tocsin::redis {

namespace {

constexpr std::pair<std::uint64_t, std::uint64_t> version_min = {6, 2};

using info_map = std::map<std::string, std::string, std::less<>>;

info_map parse_info(std::string_view text) {
  info_map info;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (const auto colon = line.find(':'); colon != std::string_view::npos)
      info.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return info;
}

std::string text_at(const info_map& info, std::string_view name) {
  const auto found = info.find(name);
  return found == info.end() ? std::string() : found->second;
}

std::uint64_t number_at(const info_map& info, std::string_view name) {
  return parse_unsigned(text_at(info, name)).value_or(0);
}

server_facts facts_of(const info_map& info) {
  server_facts f;
  f.version = text_at(info, "redis_version");
  f.role = text_at(info, "role");
  f.run_id = text_at(info, "run_id");
  f.master_replid = text_at(info, "master_replid");
  f.used_memory = number_at(info, "used_memory");
  f.maxmemory = number_at(info, "maxmemory");
  f.maxmemory_policy = text_at(info, "maxmemory_policy");
  f.process_id = static_cast<std::int64_t>(number_at(info, "process_id"));
  f.loading = text_at(info, "loading") == "1";
  f.loading_percent = std::strtod(text_at(info, "loading_loaded_perc").c_str(), nullptr);
  f.loading_eta_s = static_cast<std::int64_t>(number_at(info, "loading_eta_seconds"));
  f.aof_enabled = text_at(info, "aof_enabled");
  return f;
}

std::pair<std::uint64_t, std::uint64_t> version_of(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos)
    return {parse_unsigned(text).value_or(0), 0};
  const auto minor = text.substr(dot + 1);
  return {parse_unsigned(text.substr(0, dot)).value_or(0),
          parse_unsigned(minor.substr(0, minor.find('.'))).value_or(0)};
}

} // namespace

result<server_facts> read_server_facts(connection& c) {
  auto info = c.call({"INFO"});
  if (!info)
    return info.failure();
  auto facts = facts_of(parse_info(info->text));
  // Where it may be asked, CONFIG is the authority; managed services forbid it, INFO has it too.
  auto policy = c.exchange({"CONFIG", "GET", "maxmemory-policy"});
  if (!policy)
    return policy.failure();
  if (policy->elements.size() == 2)
    facts.maxmemory_policy = policy->elements[1].text;
  return facts;
}

status check_server(const server_facts& f, const std::string& where) {
  if (version_of(f.version) < version_min)
    return error{fmt::format("{} is Redis {}: Tocsin needs 6.2 or later (streams trimmed by "
                             "MINID): upgrade it, or leave the Redis URL away to use a private one",
                             where, f.version.empty() ? "of an unknown version" : f.version)};
  if (f.maxmemory_policy != "noeviction")
    return error{fmt::format("{} has maxmemory-policy `{}`, which throws keys away when memory is "
                             "full, open incidents among them: set it to `noeviction` (CONFIG SET "
                             "maxmemory-policy noeviction, and in its configuration file)",
                             where, f.maxmemory_policy)};
  if (!f.role.empty() && f.role != "master")
    return error{fmt::format("{} is a read-only replica: give the address of its master", where)};
  return done{};
}

status check_server(connection& c) {
  auto facts = read_server_facts(c);
  if (!facts)
    return facts.failure();
  return check_server(*facts, c.where());
}

} // namespace tocsin::redis
