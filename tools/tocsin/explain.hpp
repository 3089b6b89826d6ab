#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin explain`: says why a rule fires for a host, or why it does not.
void add_explain(CLI::App&, int& exit_code);

} // namespace tocsin
