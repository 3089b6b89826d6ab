#include "tools/tocsin/rules.hpp"

#include "tools/reading/json_writer.hpp"
#include "tools/reading/rule_line.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/http_option.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <memory>

namespace tocsin {

namespace {

constexpr std::size_t page_size = 200; // some 2 MiB with the longest labels and annotations

struct rules_arguments {
  http_option http;
  bool json = false;
};

status list_rules(engine_api& api, bool json) {
  bool all_stand = true;
  for (std::size_t offset = 0;; offset += page_size) {
    const auto page = api.get(api_path("/api/v1/rules")
                                  .with("state", "true")
                                  .with("offset", std::to_string(offset))
                                  .with("limit", std::to_string(page_size)));
    if (!page)
      return page.failure();
    const auto& rules = member_of(page->root(), "rules").items;
    for (const auto& rule : rules) {
      put("{}\n", json ? write_json(rule) : rule_line(rule));
      all_stand = all_stand && rule.find("state") != nullptr;
    }
    if (rules.empty() && offset == 0 && !json)
      say("no rule is in force\n");
    if (rules.size() == page_size && !output_failed())
      continue;
    if (!all_stand && !json)
      say("tocsin rules: this engine does not evaluate, so it cannot say how they stand: ask the "
          "one that does with --to\n");
    return done{};
  }
}

int run(const rules_arguments& a) {
  auto api = open_engine(a.http);
  if (!api)
    return fail("rules", api.failure(), exit_usage);
  const auto s = list_rules(**api, a.json);
  return s ? exit_done : fail("rules", s.failure(), exit_failure);
}

} // namespace

void add_rules(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<rules_arguments>();
  auto* cmd = app.add_subcommand("rules", "List the rules in force and how they stand");
  cmd->add_flag("--json", a->json, "One JSON object per line");
  add_http_options(*cmd, a->http);
  cmd->callback([a, &exit_code] { exit_code = run(*a); });
  cmd->footer(
      "Of each rule: how many incidents are open, how many hosts wait for a cooldown's end,\n"
      "and of how many hosts the last check found a breach, none, or could not tell.\n\n"
      "Examples:\n"
      "  tocsin rules\n"
      "  tocsin rules --to https://tocsin.example --token-file token\n"
      "  tocsin rules --json | jq 'select(.state.unknown > 0).name'");
}

} // namespace tocsin
