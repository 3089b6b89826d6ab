#include "tools/tocsin/explain.hpp"

#include "config/json_text.hpp"
#include "tools/reading/explanation_text.hpp"
#include "tools/reading/json_writer.hpp"
#include "tools/reading/moment.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/http_option.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>

namespace tocsin {

namespace {

struct explain_arguments {
  http_option http;
  std::string rule, host, at;
  bool json = false;
};

int run(const explain_arguments& a) {
  api_path path("/api/v1/explain");
  path.with("rule", a.rule).with("host", a.host);
  if (!a.at.empty()) {
    const auto at = read_moment(a.at);
    if (!at)
      return fail("explain",
                  {fmt::format("--at: {} is no time: write it as 2026-11-21T12:14:29.000Z, or in "
                               "milliseconds since 1970",
                               quote_for_people(a.at))},
                  exit_usage);
    path.with("at", std::to_string(*at));
  }
  auto api = open_engine(a.http);
  if (!api)
    return fail("explain", api.failure(), exit_usage);
  const auto answer = (*api)->get(path);
  if (!answer)
    return fail("explain", answer.failure(), exit_failure);
  if (a.json)
    put("{}\n", write_json(answer->root()));
  else
    put_text(explanation_text(answer->root()));
  return exit_done;
}

} // namespace

void add_explain(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<explain_arguments>();
  auto* cmd = app.add_subcommand("explain", "Say why a rule fires for a host, or why not");
  cmd->add_option("RULE", a->rule, "Name of the rule")->required();
  cmd->add_option("HOST", a->host, "Name of the host")->required();
  cmd->add_option("--at", a->at,
                  "Explain the last check until then: 2026-11-21T12:14:29.000Z, as an incident's "
                  "startTime and endTime, or milliseconds since 1970 (default: the last of all)")
      ->type_name("TIME");
  cmd->add_flag("--json", a->json, "The whole answer as one JSON object");
  add_http_options(*cmd, a->http);
  cmd->callback([a, &exit_code] { exit_code = run(*a); });
  cmd->footer("Examples:\n"
              "  tocsin explain 'High CPU' web-1\n"
              "  tocsin explain 'High CPU' web-1 --at 2026-11-21T12:14:29.000Z\n"
              "  tocsin explain 'High CPU' web-1 --json | jq .verdict");
}

} // namespace tocsin
