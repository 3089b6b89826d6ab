#include "actors/api/botpress.hpp"

#include "actors/http/body.hpp"
#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "streams/partition/incident_span.hpp"
#include "streams/partition/sample_span.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t question_bytes_max = std::size_t{64} << 10;
constexpr std::size_t incidents_max = 100'000; // of some 250 bytes

http::refusal too_large(std::string_view what) {
  return {413, "too-large",
          fmt::format("the {} of this span are more than an answer may hold: ask for a shorter one",
                      what)};
}

http::response too_slow() {
  return http::to_response(http::refusal{
      504, "too-slow", "reading this span takes too long: ask for a shorter one, or later"});
}

// Times before 1970 and after JavaScript's last are no spans of the log.
std::optional<double> read_time(const json_node& from, std::string_view name) {
  const auto* m = from.find(name);
  if (m == nullptr || m->value.type != json_node::kind::number || !std::isfinite(m->value.number))
    return std::nullopt;
  return std::clamp(m->value.number, 0.0, double{time_max_ms});
}

span_bounds bounds_of(const settings& config) {
  span_bounds bounds;
  bounds.early_ms = std::max(bounds.early_ms, 2 * config.interval_ms + config.grace_ms);
  return bounds;
}

result<http::response> answer_samples(redis::connection& c, const std::string& key,
                                      const asked_span& span, const span_bounds& bounds,
                                      const query_desk::go_on& go_on) {
  sample_span samples(span.from_ms, span.to_ms);
  const auto end = read_span(c, key, span.from_ms, span.to_ms, bounds, go_on, samples);
  if (!end)
    return end.failure();
  if (*end == span_end::stopped)
    return too_slow();
  std::string body = "[";
  bool whole = *end == span_end::whole;
  samples.visit([&](std::string_view json) {
    if (body.size() > 1)
      body += ',';
    body += quote_json(json);
    return whole = body.size() < query_desk::answer_bytes_max;
  });
  if (!whole)
    return http::to_response(too_large("samples"));
  return http::response{.body = body + "]\n"};
}

std::string array_of(const std::vector<std::string>& objects) {
  return fmt::format("[{}]", fmt::join(objects, ","));
}

result<http::response> answer_incidents(redis::connection& c, const redis::partition_keys& keys,
                                        const asked_span& span, const query_desk::go_on& go_on) {
  const auto found = read_incident_span(c, keys, span.from_ms, span.to_ms, incidents_max, go_on);
  if (!found)
    return found.failure();
  if (found->too_many)
    return go_on() ? http::to_response(too_large("incidents")) : too_slow();
  http::response answer{.body = fmt::format("{{\"active\":{},\"resolved\":{}}}\n",
                                            array_of(found->active), array_of(found->resolved))};
  if (answer.body.size() > query_desk::answer_bytes_max)
    return http::to_response(too_large("incidents"));
  return answer;
}

using answer_maker = std::function<query_desk::work(const asked_span&)>;

// Asks the desk for what `make` says, once the question is read. Disabled, the answer is empty.
http::handler ask_for_span(const api_context& ctx, std::function<bool()> enabled,
                           answer_maker make) {
  return [ctx, enabled = std::move(enabled), make = std::move(make)](http::request what,
                                                                     http::responder answer) {
    const auto span = read_asked_span(what);
    if (!span)
      return answer.send(span.failure());
    if (!enabled())
      return answer.send(http::response{});
    ctx.desk->ask(make(*span), std::move(answer), ctx.monotonic_ms());
  };
}

} // namespace

result<asked_span, http::refusal> read_asked_span(http::request& what) {
  const auto body = http::decode_body(what, question_bytes_max);
  if (!body)
    return body.failure();
  const auto document = json_document::read(*body);
  if (!document)
    return http::refusal{400, "bad-json", "the body is no JSON: " + document.failure().message};
  const auto from = read_time(document->root(), "fromTime");
  const auto to = read_time(document->root(), "toTime");
  if (!from || !to)
    return http::refusal{400, "bad-span",
                         "`fromTime` and `toTime` must be numbers: milliseconds since 1970"};
  return asked_span{static_cast<std::int64_t>(std::ceil(*from)),
                    static_cast<std::int64_t>(std::floor(*to))};
}

void add_botpress_routes(http::router& routes, const api_context& ctx) {
  const auto monitoring = [&config = ctx.config] { return config.monitoring_enabled; };
  const auto alerting = [&rules = ctx.rules] { return rules.alerting(); };
  const auto samples = ask_for_span(ctx, monitoring, [ctx](const asked_span& span) {
    return [=, key = ctx.keys.samples, bounds = bounds_of(ctx.config)](auto& c, auto& go_on) {
      return answer_samples(c, key, span, bounds, go_on);
    };
  });
  const auto incidents = ask_for_span(ctx, alerting, [ctx](const asked_span& span) {
    return [=, keys = ctx.keys](auto& c, auto& go_on) {
      return answer_incidents(c, keys, span, go_on);
    };
  });
  for (const std::string base :
       {"/api/v1/admin/health", "/api/v2/admin/health", "/api/v1/admin/server"}) {
    routes.add("POST", base + "/monitoring", http::right::read, samples, question_bytes_max);
    routes.add("POST", base + "/alerting/incidents", http::right::read, incidents,
               question_bytes_max);
  }
}

} // namespace tocsin
