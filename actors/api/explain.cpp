#include "actors/api/explain.hpp"

#include "actors/api/bad_parameter.hpp"
#include "actors/api/explain_windows.hpp"
#include "streams/redis/stream_id.hpp"
#include "streams/window/tick.hpp"

#include <fmt/format.h>

namespace tocsin {

result<explain_question, http::refusal> read_explain_question(const http::request& what) {
  explain_question q;
  for (const auto& [name, value] : what.query) {
    if (name == "rule") {
      q.rule = value;
    } else if (name == "host") {
      q.host = value;
    } else if (name == "at") {
      const auto ms = redis::parse_unsigned(value);
      if (!ms || *ms > std::uint64_t{time_max_ms})
        return bad_parameter(name, "must be a time: milliseconds since 1970");
      q.at_ms = static_cast<std::int64_t>(*ms);
    } else {
      return bad_parameter(name, "is none of rule, host, at");
    }
  }
  for (const auto& [name, value] : {std::pair("rule", &q.rule), std::pair("host", &q.host)})
    if (value->empty())
      return bad_parameter(name, fmt::format("is needed: the name of a {}", name));
  return q;
}

void add_explain_route(http::router& routes, const api_context& ctx) {
  routes.add("GET", "/api/v1/explain", http::right::read, [ctx](auto what, auto answer) {
    auto question = read_explain_question(what);
    if (!question)
      return answer.send(question.failure());
    ctx.questions.ask(
        std::make_unique<explain_windows>(std::move(*question), ctx, std::move(answer)),
        ctx.monotonic_ms());
  });
}

} // namespace tocsin
