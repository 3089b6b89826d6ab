#include "tools/tocsin/commands.hpp"

#include "tools/tocsin/agent.hpp"
#include "tools/tocsin/bench.hpp"
#include "tools/tocsin/check.hpp"
#include "tools/tocsin/explain.hpp"
#include "tools/tocsin/hooks.hpp"
#include "tools/tocsin/incidents.hpp"
#include "tools/tocsin/replay.hpp"
#include "tools/tocsin/rules.hpp"
#include "tools/tocsin/serve.hpp"

#include <CLI/CLI.hpp>

namespace tocsin {

void add_commands(CLI::App& app, int& exit_code) {
  add_serve(app, exit_code);
  add_agent(app, exit_code);
  add_check(app, exit_code);
  add_replay(app, exit_code);
  add_incidents(app, exit_code);
  add_hosts(app, exit_code);
  add_rules(app, exit_code);
  add_explain(app, exit_code);
  add_hooks(app, exit_code);
  add_bench(app, exit_code);
}

} // namespace tocsin
