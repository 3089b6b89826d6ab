#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin hooks test`: tells the configured hooks, webhooks and Alertmanagers of a made-up
/// incident and shows what happened.
void add_hooks(CLI::App&, int& exit_code);

} // namespace tocsin
