#pragma once

#include "bench/pipeline/pipeline.hpp"
#include "bench/pipeline/restart_report.hpp"

namespace tocsin::bench {

/// Measures how long an engine is away that ends and starts again: fills the log, lets an engine
/// read it and evaluate some ticks of a load over HTTP, ends both, waits until a tick is due that
/// nobody seals, and starts it.
result<restart_report> run_restart(const restart_options&, const run_control&);

} // namespace tocsin::bench
