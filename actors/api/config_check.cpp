#include "actors/api/config_check.hpp"

#include "actors/api/reload.hpp"
#include "actors/http/body.hpp"
#include "config/flat_form.hpp"
#include "config/read_settings.hpp"
#include "streams/rule/iso_time.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// Some 2,500 rules. The worst text of that size has 360,000 problems, which take 90 MB and half a
// second.
constexpr std::size_t config_bytes_max = std::size_t{512} << 10;

} // namespace

void add_config_check_route(http::router& routes, const api_context& ctx) {
  routes.add(
      "POST", "/api/v1/config/check", http::right::read,
      [now = ctx.unix_ms](auto what, auto answer) {
        const auto text = http::decode_body(what, config_bytes_max);
        if (!text)
          return answer.send(text.failure());
        const auto report = read_settings(*text, config_file_name(*text), {}, purpose::serve, {});
        answer.send(http::response{
            .body = fmt::format(R"({{"ok":{},"problems":{},"problemsTotal":{},"rules":{},)"
                                R"("asOf":"{}"}})"
                                "\n",
                                !has_errors(report.problems), problems_json(report.problems),
                                report.found, report.value.rules.size(), iso_time(now()))});
      },
      config_bytes_max);
}

} // namespace tocsin
