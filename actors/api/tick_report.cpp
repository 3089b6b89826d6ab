#include "actors/api/tick_report.hpp"

#include "config/json_text.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t fields_max = 16;

std::string total_json(const cluster_history::field_value_total& f) {
  const auto& t = f.total;
  return fmt::format(R"({}:{{"avg":{},"min":{},"max":{},"sum":{},"count":{}}})",
                     quote_json(f.field), write_number(t.sum / static_cast<double>(t.count)),
                     write_number(t.min), write_number(t.max), write_number(t.sum), t.count);
}

} // namespace

std::string cluster_json(const std::optional<cluster_history::newest_tick>& newest,
                         std::int64_t end_ms) {
  if (!newest || newest->grid.end_ms(newest->at) != end_ms)
    return {};
  std::string out = "{";
  for (std::size_t i = 0; i < std::min(newest->fields.size(), fields_max); ++i)
    out.append(i == 0 ? "" : ",").append(total_json(newest->fields[i]));
  return out + '}';
}

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
