#include "streams/sample/bytes.hpp"
#include "streams/sample/column_entry.hpp"
#include "streams/sample/entry.hpp"
#include "streams/sample/sample_reader.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <simdjson.h>
#include <zstd.h>

namespace tocsin {

namespace {

// More values, or samples, than an unpacked entry could hold as plain doubles are refused: columns
// of equal values take no room in an entry, but in memory they do.
constexpr std::size_t values_max = entry_unpacked_bytes_max / sizeof(double);

error broken(std::string_view what) {
  return {fmt::format("its {} cannot be read", what)};
}

template <class T>
bool read_all(std::string_view& from, std::size_t n, std::vector<T>& into) {
  std::string_view bytes;
  if (from.size() / sizeof(T) < n || !take_text(from, n * sizeof(T), bytes))
    return false;
  into.resize(n);
  if (n > 0)
    std::memcpy(into.data(), bytes.data(), bytes.size());
  return true;
}

// A u8 that says whether a column follows; without one all of it is 0.
template <class T>
bool read_optional(std::string_view& from, std::size_t n, std::vector<T>& into) {
  std::uint8_t there = 0;
  if (!take_bytes(from, there) || there > 1)
    return false;
  if (there)
    return read_all(from, n, into);
  into.assign(n, 0);
  return true;
}

template <class T>
bool read_distances(std::string_view& from, std::int64_t base, std::vector<std::int64_t>& into) {
  if (from.size() / sizeof(T) < into.size())
    return false;
  std::uint64_t most = 0;
  for (auto& t : into) {
    T distance = 0;
    static_cast<void>(take_bytes(from, distance));
    most = std::max<std::uint64_t>(most, distance);
    t = static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + distance);
  }
  return most <= static_cast<std::uint64_t>(time_max_ms - base);
}

bool all_below(const std::vector<std::uint32_t>& numbers, std::size_t bound) {
  std::uint32_t most = 0;
  for (const auto n : numbers)
    most = std::max(most, n);
  return numbers.empty() || most < bound;
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

// UTF-8 without the control characters that JSON escapes, and without the one more that no host may
// have in its name.
bool is_plain(std::string_view text, bool host) {
  unsigned char least = 0xff, all = 0;
  bool deleted = false;
  for (const auto c : text) {
    const auto u = static_cast<unsigned char>(c);
    least = std::min(least, u);
    all |= u;
    deleted |= u == 0x7f;
  }
  return least >= 0x20 && !(deleted && host) && (all < 0x80 || is_utf8(text));
}

} // namespace

column_reader::column_reader() : unpacker_(ZSTD_createDCtx()) {}
column_reader::~column_reader() {
  ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(unpacker_));
}

result<const sample_columns*> column_reader::read(std::string_view bytes) {
  const auto said = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (said == ZSTD_CONTENTSIZE_ERROR || said == ZSTD_CONTENTSIZE_UNKNOWN)
    return error{"it is no zstd frame that says how long it is"};
  if (said > entry_unpacked_bytes_max)
    return error{
        fmt::format("it unpacks to {} bytes: {} are allowed", said, entry_unpacked_bytes_max)};
  if (unpacked_.size() < said)
    unpacked_.resize(said);
  const auto size = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(unpacker_), unpacked_.data(), said,
                                        bytes.data(), bytes.size());
  if (ZSTD_isError(size))
    return error{fmt::format("it cannot be unpacked: {}", ZSTD_getErrorName(size))};
  return read_plain(std::string_view(unpacked_).substr(0, size));
}

result<const sample_columns*> column_reader::read_plain(std::string_view from) {
  std::uint8_t version = 0;
  if (!take_bytes(from, version) || version < 1 || version > 2)
    return error{"it was written by another version"};
  for (auto* n : {&samples_, &hosts_, &fields_, &labels_, &shapes_})
    if (!take_bytes(from, *n))
      return broken("head");
  servers_ = 0;
  if (version == 2 && !take_bytes(from, servers_))
    return broken("head");
  // (A shape or a field of none is never written, and would be memory for nothing.)
  if (samples_ > values_max || hosts_ > samples_ || labels_ > samples_ || servers_ > samples_ ||
      fields_ > values_max || shapes_ > samples_)
    return broken("head");
  if (!read_names(from))
    return broken("names");
  if (!read_shapes(from))
    return broken("shapes");
  server_of_.clear();
  if (!read_samples(from) || (version == 2 && !read_all(from, samples_, server_of_)) ||
      !all_below(server_of_, std::size_t{servers_} + 1))
    return broken("samples");
  if (!read_values(from) || !from.empty())
    return broken("values");
  out_ = {host_names_, field_names_, label_texts_, shape_list_, host_of_,     shape_of_,
          ts_ms_,      labels_of_,   gone_,        server_of_,  server_names_};
  return &out_;
}

bool column_reader::read_names(std::string_view& from) {
  std::string_view host_sizes, field_sizes, label_sizes, server_sizes;
  if (!take_text(from, hosts_, host_sizes) || !take_text(from, fields_, field_sizes) ||
      !take_text(from, std::size_t{labels_} * 2, label_sizes) ||
      !take_text(from, servers_, server_sizes))
    return false;
  host_names_.resize(hosts_);
  for (std::size_t i = 0; i < hosts_; ++i) {
    const auto size = static_cast<std::uint8_t>(host_sizes[i]);
    if (size == 0 || !take_text(from, size, host_names_[i]) || !is_plain(host_names_[i], true))
      return false;
  }
  field_names_.resize(fields_);
  for (std::size_t i = 0; i < fields_; ++i)
    if (!take_text(from, static_cast<std::uint8_t>(field_sizes[i]), field_names_[i]) ||
        !is_utf8(field_names_[i]))
      return false;
  label_texts_.resize(labels_);
  for (auto& labels : label_texts_) {
    std::uint16_t size = 0;
    if (!take_bytes(label_sizes, size) || size > sample_reader::labels_bytes_max ||
        !take_text(from, size, labels) || size < 2 || labels.front() != '{' ||
        labels.back() != '}' || !is_plain(labels, false))
      return false;
  }
  server_names_.resize(servers_);
  for (std::size_t i = 0; i < servers_; ++i)
    if (!take_text(from, static_cast<std::uint8_t>(server_sizes[i]), server_names_[i]) ||
        !is_utf8(server_names_[i]))
      return false;
  return true;
}

bool column_reader::read_shapes(std::string_view& from) {
  // Each takes eight bytes at least.
  if (from.size() / 8 < shapes_)
    return false;
  shape_list_.assign(shapes_, {});
  rows_.resize(shapes_); // how many fields, until the spans can be made
  shape_fields_.clear();
  std::size_t rows = 0, values = 0;
  for (std::size_t s = 0; s < shapes_; ++s) {
    std::uint32_t fields = 0;
    std::string_view indexes;
    if (!take_bytes(from, shape_list_[s].rows) || !take_bytes(from, fields) ||
        !take_text(from, std::size_t{fields} * 4, indexes))
      return false;
    for (std::uint32_t f = 0; take_bytes(indexes, f);) {
      if (f >= fields_)
        return false;
      shape_fields_.push_back(f);
    }
    rows_[s] = fields;
    rows += shape_list_[s].rows;
    if (rows > samples_ || (fields > 0 && shape_list_[s].rows > values_max / fields))
      return false;
    values += std::size_t{fields} * shape_list_[s].rows;
    if (values > values_max || shape_list_[s].rows == 0)
      return false;
  }
  if (rows != samples_)
    return false;
  values_.resize(std::max(values_.size(), values));
  std::size_t at = 0;
  for (std::size_t s = 0; s < shapes_; at += rows_[s++])
    shape_list_[s].fields = std::span(shape_fields_).subspan(at, rows_[s]);
  return true;
}

bool column_reader::read_times(std::string_view& from) {
  std::int64_t base = 0;
  std::uint8_t width = 0;
  if (!take_bytes(from, base) || !take_bytes(from, width) || base < 0 || base > time_max_ms)
    return false;
  ts_ms_.assign(samples_, base);
  switch (width) {
  case 0:
    return true;
  case 2:
    return read_distances<std::uint16_t>(from, base, ts_ms_);
  case 4:
    return read_distances<std::uint32_t>(from, base, ts_ms_);
  case 8:
    return read_distances<std::uint64_t>(from, base, ts_ms_);
  default:
    return false;
  }
}

bool column_reader::read_samples(std::string_view& from) {
  std::uint8_t one_each = 0;
  if (!take_bytes(from, one_each) || one_each > 1)
    return false;
  if (one_each) {
    if (hosts_ != samples_)
      return false;
    host_of_.resize(samples_);
    for (std::uint32_t i = 0; i < samples_; ++i)
      host_of_[i] = i;
  } else if (!read_all(from, samples_, host_of_) || !all_below(host_of_, hosts_)) {
    return false;
  }
  if (!read_times(from) || !read_optional(from, samples_, shape_of_) ||
      !all_below(shape_of_, shapes_) || !read_optional(from, samples_, labels_of_) ||
      !all_below(labels_of_, std::size_t{labels_} + 1) || !read_optional(from, samples_, gone_))
    return false;
  // As many samples of each shape as it has rows.
  for (std::size_t s = 0; s < shapes_; ++s)
    rows_[s] = shape_list_[s].rows;
  for (const auto s : shape_of_)
    if (rows_[s]-- == 0)
      return false;
  return std::all_of(gone_.begin(), gone_.end(), [](std::uint8_t g) { return g <= 1; });
}

bool column_reader::read_values(std::string_view& from) {
  auto* to = values_.data();
  for (auto& shape : shape_list_) {
    shape.values = to;
    if (shape.rows == 0)
      continue;
    for (std::size_t f = 0; f < shape.fields.size(); ++f, to += shape.rows)
      if (!read_value_column(from, {to, shape.rows}))
        return false;
  }
  return true;
}

} // namespace tocsin
