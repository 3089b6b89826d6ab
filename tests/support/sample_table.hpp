#pragma once

#include "streams/window/intake.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::test {

/// Samples as columns, in the plainest way. Names of hosts and labels may stand there twice.
class sample_table {
public:
  using named_values = std::vector<std::pair<std::string, double>>;

  void add(const std::string& host, std::int64_t ts_ms, bool gone, const std::string& labels,
           const named_values& values, const std::optional<std::string>& server = {}) {
    server_of_.push_back(server ? number(servers_, *server) + 1 : 0);
    host_of_.push_back(number(hosts_, host));
    labels_of_.push_back(labels.empty() ? 0 : number(labels_, labels) + 1);
    ts_ms_.push_back(ts_ms);
    gone_.push_back(gone);
    std::vector<std::uint32_t> fields;
    for (const auto& [name, v] : values)
      fields.push_back(number(fields_, name));
    const auto known = std::find_if(shapes_.begin(), shapes_.end(),
                                    [&](const shape& s) { return s.fields == fields; });
    shape_of_.push_back(static_cast<std::uint32_t>(known - shapes_.begin()));
    auto& s = known == shapes_.end() ? shapes_.emplace_back() : *known;
    s.fields = fields;
    s.columns.resize(fields.size());
    for (std::size_t f = 0; f < fields.size(); ++f)
      s.columns[f].push_back(values[f].second);
    ++s.rows;
  }

  /// Valid until the next call.
  sample_columns columns() {
    views_.clear();
    for (auto& s : shapes_) {
      s.values.clear();
      for (const auto& column : s.columns)
        s.values.insert(s.values.end(), column.begin(), column.end());
      views_.push_back({s.fields, s.rows, s.values.data()});
    }
    const auto views_of = [](const std::deque<std::string>& names, auto& into) {
      into.assign(names.begin(), names.end());
      return std::span<const std::string_view>(into);
    };
    return {views_of(hosts_, host_views_),
            views_of(fields_, field_views_),
            views_of(labels_, label_views_),
            views_,
            host_of_,
            shape_of_,
            ts_ms_,
            labels_of_,
            gone_,
            servers_.empty() ? std::span<const std::uint32_t>() : server_of_,
            views_of(servers_, server_views_)};
  }

private:
  struct shape {
    std::vector<std::uint32_t> fields;
    std::vector<std::vector<double>> columns;
    std::vector<double> values;
    std::uint32_t rows = 0;
  };
  static std::uint32_t number(std::deque<std::string>& names, const std::string& name) {
    // Every third name stands there again.
    const auto known = std::find(names.begin(), names.end(), name);
    if (known != names.end() && (names.size() + name.size()) % 3 != 0)
      return static_cast<std::uint32_t>(known - names.begin());
    names.push_back(name);
    return static_cast<std::uint32_t>(names.size() - 1);
  }

  std::deque<std::string> hosts_, fields_, labels_, servers_;
  std::deque<shape> shapes_;
  std::vector<sample_columns::shape> views_;
  std::vector<std::string_view> host_views_, field_views_, label_views_, server_views_;
  std::vector<std::uint32_t> host_of_, shape_of_, labels_of_, server_of_;
  std::vector<std::int64_t> ts_ms_;
  std::vector<std::uint8_t> gone_;
};

} // namespace tocsin::test
