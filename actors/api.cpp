#include "actors/api.hpp"

#include "actors/api/botpress.hpp"
#include "actors/api/config_check.hpp"
#include "actors/api/dashboard.hpp"
#include "actors/api/engine_page.hpp"
#include "actors/api/events.hpp"
#include "actors/api/explain.hpp"
#include "actors/api/hosts.hpp"
#include "actors/api/incident_by_id.hpp"
#include "actors/api/incidents.hpp"
#include "actors/api/reload.hpp"
#include "actors/api/rules.hpp"
#include "actors/api/series.hpp"
#include "actors/collector.hpp"
#include "actors/engine_state.hpp"
#include "actors/http/body.hpp"
#include "config/json_text.hpp"
#include "streams/sample/ingest.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

std::string rejected_json(const ingested_body& in) {
  std::string out;
  for (const auto& r : in.first_rejected)
    out += fmt::format(R"({}{{"line":{},"error":{}}})", out.empty() ? "" : ",", r.line,
                       quote_json(r.error));
  return out;
}

std::string accepted_json(const ingested_body& in) {
  auto out = fmt::format(R"({{"accepted":{})", in.accepted);
  if (in.rejected > 0)
    out += fmt::format(R"(,"rejected":[{}],"rejectedTotal":{})", rejected_json(in), in.rejected);
  if (in.fields_dropped > 0) {
    std::string fields;
    for (const auto& d : in.first_dropped)
      fields += fmt::format(R"({}{{"{}":{},"error":{}}})", fields.empty() ? "" : ",",
                            d.host.empty() ? "field" : "host",
                            quote_json(d.host.empty() ? d.field : d.host), quote_json(d.why));
    out += fmt::format(R"(,"dropped":[{}],"droppedTotal":{})", fields, in.fields_dropped);
  }
  return out + "}\n";
}

http::response none_accepted(const ingested_body& in) {
  const bool empty = in.rejected == 0;
  const auto* code = empty ? "no-samples" : "invalid-samples";
  const auto* message = empty ? "the body holds no sample: send one JSON object, an array of "
                                "them, or one per line"
                              : "no sample of the body could be taken";
  return {400, "application/json",
          fmt::format(R"({{"error":{{"code":"{}","message":"{}"}},)"
                      R"("accepted":0,"rejected":[{}],"rejectedTotal":{}}})"
                      "\n",
                      code, message, rejected_json(in), in.rejected)};
}

http::response come_again(const intake_answer& a) {
  using o = intake_answer::outcome;
  const auto* code = a.what == o::overloaded ? "overloaded"
                     : a.what == o::refused  ? "redis-refused"
                                             : "redis-away";
  auto r = http::to_response(http::refusal{503, code, a.why});
  r.headers.emplace_back("Retry-After", "1");
  return r;
}

void remember_rejected(engine_context& ctx, const ingested_body& in, const std::string& from) {
  constexpr std::size_t of_one_body = 4; // so that it leaves some of others
  for (std::size_t i = 0; i < std::min(in.first_rejected.size(), of_one_body); ++i) {
    const auto& r = in.first_rejected[i];
    ctx.record.add({unix_ms(), fmt::format("line {} of a body from {}", r.line, from), r.error});
  }
}

void take_samples(engine_context& ctx, const caf::actor& collector, http::request what,
                  http::responder answer) {
  auto body = http::decode_body(what);
  if (!body)
    return answer.send(body.failure());
  // Handlers run on few threads that live long: each keeps its parser.
  thread_local body_reader reader;
  auto in = reader.read(std::move(*body), unix_ms());
  ctx.metrics.samples_rejected.add(in.rejected);
  ctx.metrics.values_dropped.add(in.fields_dropped);
  remember_rejected(ctx, in, what.remote);
  if (in.too_large)
    return answer.send(http::refusal{
        413, "too-large",
        fmt::format("what the body says takes more than {} MiB of memory, with each field named by "
                    "its whole path; send it in parts",
                    ingested_body::rows_bytes_max >> 20)});
  if (in.accepted == 0)
    return answer.send(none_accepted(in));
  if (const auto tables = ctx.tables.get(); tables && tables->full())
    note_without_place(in, *tables);
  auto request = std::make_shared<intake_request>();
  request->samples = std::move(in.rows);
  const auto owed = std::make_shared<http::responder>(std::move(answer));
  request->answer = [owed, reply = accepted_json(in)](const intake_answer& a) {
    if (a.what == intake_answer::outcome::stored)
      owed->send(http::response{202, "application/json", reply});
    else
      owed->send(come_again(a));
  };
  caf::anon_send(collector, take_atom::value, intake_ptr(std::move(request)));
}

void answer_ready(const engine_context& ctx, http::responder answer) {
  const auto why = why_not_ready(ctx);
  if (!why.empty())
    return answer.send(http::refusal{503, "not-ready", why});
  // Alerting goes on without the others: whoever watches them is told, nobody is sent away.
  auto stuck = ctx.parts().look(monotonic_ms());
  std::erase_if(stuck, [](auto& one) { return one.is.stuck_ms < stages::patience_ms; });
  const bool owner = ctx.role == engine_role::owner;
  answer.send(
      http::response{200, "application/json",
                     fmt::format(R"({{"status":"ready","role":"{}"{}{}}})"
                                 "\n",
                                 owner ? "owner" : "standby", stuck.empty() ? "" : R"(,"stuck":)",
                                 stuck.empty() ? "" : stages_json(stuck))});
}

} // namespace

std::shared_ptr<const http::router> make_api(engine_context& ctx, const metric_registry& registry,
                                             caf::actor collector, std::shared_ptr<query_desk> desk,
                                             std::shared_ptr<const http::live_access> access) {
  using http::right;
  auto routes = std::make_shared<http::router>(std::move(access));
  routes->add("POST", "/api/v1/samples", right::write, [&ctx, collector](auto what, auto answer) {
    take_samples(ctx, collector, std::move(what), std::move(answer));
  });
  for (const auto* path : {"/healthz", "/-/healthy"})
    routes->add("GET", path, right::open, [](auto, auto answer) {
      answer.send(http::response{200, "application/json", "{\"status\":\"alive\"}\n"});
    });
  for (const auto* path : {"/readyz", "/-/ready"})
    routes->add("GET", path, right::open,
                [&ctx](auto, auto answer) { answer_ready(ctx, std::move(answer)); });
  routes->add("GET", "/metrics", right::read, [&registry](auto, auto answer) {
    answer.send(http::response{200, std::string(exposition_content_type), registry.expose()});
  });
  const api_context api{ctx.config,   ctx.keys, std::move(desk), ctx.questions, ctx.history,
                        monotonic_ms, unix_ms,  ctx.rules,       ctx.reloads,   ctx.cluster};
  add_incident_routes(*routes, api);
  add_incident_by_id_routes(*routes, api);
  add_rule_routes(*routes, api);
  add_reload_routes(*routes, api);
  add_config_check_route(*routes, api);
  add_host_routes(*routes, api);
  add_series_routes(*routes, api);
  add_event_routes(*routes, ctx.live);
  add_engine_route(*routes, ctx, api.desk);
  add_explain_route(*routes, api);
  add_openapi_route(*routes);
  add_dashboard_routes(*routes);
  add_botpress_routes(*routes, api);
  return routes;
}

} // namespace tocsin
