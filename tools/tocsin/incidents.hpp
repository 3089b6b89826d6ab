#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin incidents`: lists or follows the incident stream, or lists what is open.
void add_incidents(CLI::App&, int& exit_code);

/// `tocsin hosts`: lists the hosts that are known, or forgets one.
void add_hosts(CLI::App&, int& exit_code);

} // namespace tocsin
