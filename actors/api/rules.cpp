#include "actors/api/rules.hpp"

#include "actors/api/openapi.hpp"
#include "config/json_text.hpp"
#include "config/read_settings.hpp"
#include "config/rule_words.hpp"
#include "streams/rule/iso_time.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// The rule as the configuration writes it, with its words behind the name.
std::string rule_json(const rule& r) {
  const auto plain = write_rules({r}); // [{"name":…
  return fmt::format("{{\"text\":{},{}",
                     quote_json(rule_words(name_of(r.aggregate), r.field, r.timeframe_ms,
                                           write_number(r.threshold), name_of(r.compare))),
                     std::string_view(plain).substr(2, plain.size() - 3));
}

} // namespace

void add_rule_routes(http::router& routes, const api_context& ctx) {
  routes.add("GET", "/api/v1/rules", http::right::read, [ctx](auto, auto answer) {
    const auto in_force = ctx.rules.get();
    std::string all;
    for (const auto& r : in_force->rules)
      all.append(all.empty() ? "" : ",").append(rule_json(r));
    answer.send(http::response{.body = fmt::format(R"({{"rules":[{}],"ruleSet":"{}","asOf":"{}"}})"
                                                   "\n",
                                                   all, in_force->hash, iso_time(ctx.unix_ms()))});
  });
}

void add_openapi_route(http::router& routes) {
  routes.add("GET", "/api/v1/openapi.json", http::right::read, [](auto, auto answer) {
    answer.send(http::response{.body = std::string(openapi_text())});
  });
}

} // namespace tocsin
