#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin serve`: the engine, its collectors and its HTTP interface.
void add_serve(CLI::App&, int& exit_code);

} // namespace tocsin
