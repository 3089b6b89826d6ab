#include "actors/cluster_join.hpp"

#include "streams/redis/cluster_state.hpp"
#include "streams/redis/layout.hpp"
#include "streams/redis/server_check.hpp"

#include <fmt/format.h>

namespace tocsin {

status join_cluster(redis::connection& c, const engine_context& ctx) {
  if (auto s = redis::check_server(c); !s)
    return s;
  if (auto s = redis::check_layout(c, ctx.keys, ctx.cluster); !s)
    return s;
  redis::cluster_facts wanted;
  wanted.name = ctx.config.cluster;
  wanted.interval_ms = ctx.config.interval_ms;
  wanted.grace_ms = ctx.config.grace_ms;
  const auto stored = redis::join_cluster(c, ctx.cluster, wanted);
  if (!stored)
    return stored.failure();
  if (stored->name != wanted.name || stored->tags != wanted.tags) {
    std::string text;
    for (const auto& line : redis::cluster_mismatches(*stored, wanted))
      text += (text.empty() ? "" : "; ") + line;
    return error{
        fmt::format("{}: {} belongs to another cluster: {}", c.where(), ctx.cluster.cluster, text)};
  }
  return done{};
}

} // namespace tocsin
