#include "config/redis_source.hpp"

#include "config/json_text.hpp"
#include "config/problem_list.hpp"
#include "config/value_reader.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

std::string_view variable(const environment& env, std::string_view name) {
  const auto hit = env.find(name);
  return hit == env.end() ? std::string_view{} : std::string_view{hit->second};
}

struct variable_error {
  std::string_view variable;
  std::string message;
};

result<std::optional<redis_address>, variable_error> choose(const environment& env) {
  const auto cluster = variable(env, "CLUSTER_ENABLED");
  const auto clustered = cluster.empty() ? std::optional{false} : read_flag_word(cluster);
  if (!clustered)
    return variable_error{"CLUSTER_ENABLED", "expected true or false"};
  const std::string_view name =
      variable(env, "TOCSIN_REDIS_URL").empty() ? "REDIS_URL" : "TOCSIN_REDIS_URL";
  const auto url = variable(env, name);
  if (url.empty() && *clustered)
    return variable_error{"CLUSTER_ENABLED",
                          "a cluster needs a Redis that all of it can reach: set "
                          "REDIS_URL, for example to redis://localhost:6379"};
  if (url.empty())
    return std::optional<redis_address>{};
  // Alone first, so that the error can name the one that is wrong.
  if (const auto alone = read_redis_address(url, ""); !alone)
    return variable_error{name, alone.failure().message};
  auto address = read_redis_address(url, variable(env, "REDIS_OPTIONS"));
  if (!address)
    return variable_error{"REDIS_OPTIONS", address.failure().message};
  return std::optional{std::move(*address)};
}

} // namespace

result<std::optional<redis_address>> choose_redis(const environment& env) {
  auto chosen = choose(env);
  if (chosen)
    return std::move(*chosen);
  const auto& [variable, message] = chosen.failure();
  return error{fmt::format("{}: {}", variable, message)};
}

diagnostics redis_problems(const environment& env) {
  const auto problem = [](diagnostic::severity level, std::string_view variable,
                          std::string message) {
    return diagnostic{.level = level,
                      .file = std::string(environment_file),
                      .pointer = std::string(variable),
                      .message = std::move(message)};
  };
  const auto chosen = choose(env);
  if (!chosen)
    return {
        problem(diagnostic::severity::error, chosen.failure().variable, chosen.failure().message)};
  diagnostics out;
  const auto warn = [&](std::string message) {
    out.push_back(problem(diagnostic::severity::warning, "REDIS_OPTIONS", std::move(message)));
  };
  if (*chosen && !(*chosen)->tls.verify && (*chosen)->via == redis_address::transport::tls)
    warn("`tls.rejectUnauthorized` is false: whoever answers for this Redis is believed, and gets "
         "the password; name its authority in `tls.ca` instead");
  if (*chosen)
    for (const auto& name : (*chosen)->ignored)
      warn(fmt::format("option {} is not honoured: it is ignored", quote_for_people(name)));
  return out;
}

} // namespace tocsin
