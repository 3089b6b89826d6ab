#pragma once

#include "actors/http/router.hpp"

#include <string_view>

namespace tocsin {

/// A file of tools/dashboard, which is part of the program.
struct dashboard_file {
  std::string_view name; ///< below tools/dashboard: "index.html", "pages/host.js"
  std::string_view text;
  std::string_view etag; ///< quoted, of the text
};

/// The file of this name, or null.
const dashboard_file* find_dashboard_file(std::string_view name);

/// GET / is the dashboard's page, GET /dashboard/{file} what it consists of. Both are open: they
/// hold nothing of the cluster, and the page asks for a token where the API wants one.
///
/// 1. A page may load and ask nothing but this server (Content-Security-Policy).
/// 2. Whoever has a file asks whether it is still the same (ETag), so that a new version of the
///    program is never shown with an old version's files.
void add_dashboard_routes(http::router&);

} // namespace tocsin
