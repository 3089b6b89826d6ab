#pragma once

#include "config/result.hpp"
#include "tools/reading/incident_filter.hpp"
#include "tools/reading/incident_groups.hpp"
#include "tools/tocsin/http_option.hpp"
#include "tools/tocsin/redis_option.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin {

/// What `tocsin incidents` was asked.
struct incidents_question {
  redis_option redis;
  http_option http; ///< `to` is empty where Redis is read
  bool follow = false;
  bool json = false;
  bool active = false;
  std::uint32_t last = 20;
  incident_filter filter;
  std::optional<grouping> group_by;
};

/// Answers it from Redis.
status read_incidents_from_redis(const incidents_question&);
/// Answers it over HTTP.
status read_incidents_over_http(const incidents_question&, engine_api&);

/// Prints a line at once.
void print_incident(std::string_view line);
/// Prints the groups, or says that there are none.
void print_groups(const incidents_question&, const incident_groups&);
/// Says that nothing was found, where people read.
void say_none(const incidents_question&);

} // namespace tocsin
