#include "streams/sample/sample_rows.hpp"

#include "streams/sample/bytes.hpp"

namespace tocsin {

void sample_rows::reserve(std::size_t samples, std::size_t values) {
  rows_.reserve(samples);
  values_.reserve(values);
  text_.reserve(samples * 16);
}

bool sample_rows::add(const sample_view& s, std::uint32_t hint) {
  if (s.values.size() > values_max)
    return false;
  std::size_t names = 0;
  for (const auto& v : s.values)
    names += v.field.size();
  if (names > names_bytes_max)
    return false;
  stored r{};
  r.ts_ms = s.ts_ms;
  r.text_at = static_cast<std::uint32_t>(text_.size());
  r.values_at = static_cast<std::uint32_t>(values_.size());
  r.shape = shape_of(s.values, hint);
  r.labels_size = static_cast<std::uint32_t>(s.labels.size());
  r.host_size = static_cast<std::uint8_t>(s.host.size());
  r.gone = s.gone;
  text_ += s.host;
  text_ += s.labels;
  r.has_server = s.server.has_value();
  if (s.server) {
    r.server_size = static_cast<std::uint8_t>(s.server->size());
    text_ += *s.server;
  }
  for (const auto& v : s.values)
    values_.push_back(v.value);
  rows_.push_back(r);
  return true;
}

void sample_rows::add_line(std::string_view line) {
  stored r{};
  r.text_at = static_cast<std::uint32_t>(text_.size());
  r.values_at = static_cast<std::uint32_t>(values_.size());
  r.shape = line_shape;
  r.labels_size = static_cast<std::uint32_t>(line.size());
  text_ += line;
  rows_.push_back(r);
}

std::uint32_t sample_rows::shape_of(std::span<const field_value> values, std::uint32_t hint) {
  if (hint != 0 && hint == last_hint_)
    return last_shape_;
  key_.clear();
  for (const auto& v : values)
    append_bytes(key_, fields_.add(v.field));
  last_hint_ = hint;
  last_shape_ = shapes_.add(key_);
  return last_shape_;
}

sample_rows::row sample_rows::operator[](std::size_t i) const {
  const auto& r = rows_[i];
  const auto text = std::string_view(text_).substr(r.text_at);
  row out;
  if (r.shape == line_shape) {
    out.line = text.substr(0, r.labels_size);
    return out;
  }
  const auto end = i + 1 < rows_.size() ? rows_[i + 1].values_at : values_.size();
  out.host = text.substr(0, r.host_size);
  out.labels = text.substr(r.host_size, r.labels_size);
  if (r.has_server)
    out.server = text.substr(r.host_size + r.labels_size, r.server_size);
  out.ts_ms = r.ts_ms;
  out.gone = r.gone;
  out.shape = r.shape;
  out.values = std::span(values_).subspan(r.values_at, end - r.values_at);
  return out;
}

std::span<const std::string_view> sample_rows::fields(std::uint32_t shape) const {
  names_.clear();
  auto key = shapes_[shape];
  for (std::uint32_t f = 0; take_bytes(key, f);)
    names_.push_back(fields_[f]);
  return names_;
}

} // namespace tocsin
