#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin rules`: lists the rules in force and how they stand.
void add_rules(CLI::App&, int& exit_code);

} // namespace tocsin
