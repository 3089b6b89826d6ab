#pragma once

#include "actors/api/query_desk.hpp"
#include "actors/engine_context.hpp"
#include "actors/http/router.hpp"

#include <caf/all.hpp>
#include <memory>

namespace tocsin {

/// The engine's HTTP interface: samples in, health and metrics out.
///
///   POST /api/v1/samples          one sample, an array, or NDJSON; gzip and zstd
///   GET  /healthz  /-/healthy     200 while the process lives
///   GET  /readyz   /-/ready       200 while it does its work, else 503 and why
///   GET  /metrics                 Prometheus text format
///
/// and what reads Redis (actors/api/), through the desk.
std::shared_ptr<const http::router> make_api(engine_context&, const metric_registry&,
                                             caf::actor collector, std::shared_ptr<query_desk>,
                                             std::shared_ptr<const http::live_access>);

} // namespace tocsin
