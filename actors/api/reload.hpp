#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"
#include "config/diagnostic.hpp"
#include "config/rule_changes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// What became of reading the rules again.
struct reload_outcome {
  enum class kind : std::uint8_t {
    done,           ///< they are in force
    unchanged,      ///< they already were
    pending,        ///< they are being put in force, which takes longer than anybody waits
    config_errors,  ///< the file is wrong: nothing changed
    standby,        ///< another engine evaluates: nothing changed
    not_evaluating, ///< nobody does yet: nothing changed
    redis_away,     ///< nor could Redis be told
    failed,         ///< the rules before are back in force
  };
  kind what = kind::done;
  std::string message = {};                   ///< why not
  std::size_t rules = 0;                      ///< of the file
  std::string rule_set = {};                  ///< their hash
  rule_changes changes = {};                  ///< against those in force before
  std::vector<std::string> need_restart = {}; ///< settings that take effect at the next start
  diagnostics problems = {};
};

/// 200 where the rules of the file are in force, 202, 409, 422, 500 or 503.
http::response to_response(const reload_outcome& what, std::int64_t now_ms);

/// `[{…},…]`: at most the first 200 of them, errors first.
std::string problems_json(const diagnostics& problems);

/// POST /-/reload and POST /api/v1/reload: the file's rules are read again and put in force.
void add_reload_routes(http::router&, const api_context&);

} // namespace tocsin
