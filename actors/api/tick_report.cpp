#include "actors/api/tick_report.hpp"

#include "streams/rule/iso_time.hpp"

#include <fmt/format.h>

namespace tocsin {

std::string tick_json(const tick_report& t, std::string_view cluster) {
  auto out = fmt::format(
      R"({{"end":"{}","endMs":{},"blind":{},"lagMs":{},"evaluationMs":{:.3f},"commitMs":{:.3f},)"
      R"("samples":{},"late":{},"hosts":{},"open":{},"opened":{},"resolved":{})",
      iso_time(t.end_ms), t.end_ms, t.blind, t.lag_ms, t.evaluation_ms, t.commit_ms, t.samples,
      t.late, t.hosts, t.open, t.opened, t.resolved);
  if (!cluster.empty())
    out.append(R"(,"cluster":)").append(cluster);
  return out + '}';
}

} // namespace tocsin
