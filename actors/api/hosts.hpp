#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"
#include "streams/partition/host_list.hpp"

namespace tocsin {

/// What the windows say of hosts and fields, answered by the engine step by step:
///
///   GET /api/v1/hosts          hosts, filtered and sorted, with values over a span, page by page
///   GET /api/v1/hosts/{host}   one of them: its fields, and its open incidents
///   GET /api/v1/host?name=     the same: browsers fold a path that ends in `.` or `..`
///   GET /api/v1/fields         which fields there are
void add_host_routes(http::router&, const api_context&);

/// The question of GET /api/v1/hosts, and its columns as they were asked for.
struct asked_hosts {
  host_list_question question;
  std::vector<std::string> columns; ///< "max:cpu.usage"
};
result<asked_hosts, http::refusal> read_asked_hosts(const http::request& what);

} // namespace tocsin
