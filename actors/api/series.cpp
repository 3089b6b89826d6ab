#include "actors/api/series.hpp"

#include "actors/api/series_reading.hpp"
#include "actors/api/series_windows.hpp"

namespace tocsin {

void add_series_routes(http::router& routes, const api_context& ctx) {
  routes.add("GET", "/api/v1/series", http::right::read, [ctx](auto what, auto answer) {
    auto question = read_series_question(what, ctx.unix_ms());
    if (!question)
      return answer.send(question.failure());
    if (question->host)
      return ctx.questions.ask(
          std::make_unique<series_windows>(*std::move(question), ctx, std::move(answer)),
          ctx.monotonic_ms());
    if (auto known = series_reading(ctx, *question).from_memory())
      return answer.send(std::move(*known));
    read_from_log(std::make_shared<series_reading>(ctx, *std::move(question)), ctx,
                  std::move(answer));
  });
}

} // namespace tocsin
