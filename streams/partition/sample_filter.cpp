#include "streams/partition/sample_filter.hpp"

#include <algorithm>

namespace tocsin {

sample_filter::sample_filter(std::optional<std::string> host, std::vector<std::string> fields)
    : host_(std::move(host)), fields_(fields.begin(), fields.end()) {}

bool sample_filter::pick(sample_view& s) {
  if (host_ && s.host != *host_)
    return false;
  if (fields_.empty())
    return true;
  line_.clear();
  for (const auto& v : s.values)
    if (takes(v.field))
      line_.push_back(v);
  s.values = line_;
  return true;
}

const sample_columns* sample_filter::pick(const sample_columns& from) {
  if (!host_ && fields_.empty())
    return &from;
  out_ = from;
  if (host_) {
    const auto found = std::find(from.hosts.begin(), from.hosts.end(), *host_);
    if (found == from.hosts.end())
      return nullptr;
    pick_samples(from, static_cast<std::uint32_t>(found - from.hosts.begin()));
  }
  pick_values(from);
  return &out_;
}

void sample_filter::pick_samples(const sample_columns& from, std::uint32_t host) {
  host_of_.clear();
  shape_of_.clear();
  labels_of_.clear();
  ts_ms_.clear();
  gone_.clear();
  server_of_.clear();
  rows_.assign(from.shapes.size(), {});
  std::vector<std::uint32_t> next(from.shapes.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto shape = from.shape_of[i];
    const auto row = next[shape]++;
    if (from.host_of[i] != host)
      continue;
    rows_[shape].push_back(row);
    host_of_.push_back(0);
    shape_of_.push_back(shape);
    labels_of_.push_back(from.labels_of[i]);
    ts_ms_.push_back(from.ts_ms[i]);
    gone_.push_back(from.gone[i]);
    if (!from.server_of.empty())
      server_of_.push_back(from.server_of[i]);
  }
  out_.hosts = from.hosts.subspan(host, 1);
  out_.host_of = host_of_;
  out_.shape_of = shape_of_;
  out_.labels_of = labels_of_;
  out_.ts_ms = ts_ms_;
  out_.gone = gone_;
  out_.server_of = server_of_;
}

void sample_filter::pick_values(const sample_columns& from) {
  shapes_.clear();
  shape_fields_.clear();
  values_.clear();
  for (std::size_t s = 0; s < from.shapes.size(); ++s) {
    const auto& shape = from.shapes[s];
    const auto rows = host_ ? static_cast<std::uint32_t>(rows_[s].size()) : shape.rows;
    for (std::size_t f = 0; f < shape.fields.size(); ++f) {
      if (!takes(from.fields[shape.fields[f]]))
        continue;
      shape_fields_.push_back(shape.fields[f]);
      const double* column = shape.column(f);
      if (!host_)
        values_.insert(values_.end(), column, column + rows);
      else
        for (const auto row : rows_[s])
          values_.push_back(column[row]);
    }
    shapes_.push_back({{}, rows, nullptr});
  }
  // Only now do fields and values stay where they are.
  std::size_t fields = 0, values = 0;
  for (std::size_t s = 0; s < from.shapes.size(); ++s) {
    const auto& all = from.shapes[s].fields;
    const auto picked = static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](std::uint32_t f) { return takes(from.fields[f]); }));
    shapes_[s].fields = std::span(shape_fields_).subspan(fields, picked);
    shapes_[s].values = values_.data() + values;
    fields += picked;
    values += picked * shapes_[s].rows;
  }
  out_.shapes = shapes_;
}

} // namespace tocsin
