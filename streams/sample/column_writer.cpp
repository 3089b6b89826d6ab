#include "streams/sample/bytes.hpp"
#include "streams/sample/column_entry.hpp"
#include "streams/sample/entry.hpp"

#include <algorithm>
#include <cassert>
#include <zstd.h>

namespace tocsin {

namespace {

void append_size(std::string& out, std::size_t n) {
  append_bytes(out, static_cast<std::uint32_t>(n));
}

template <class T>
void append_all(std::string& out, const std::vector<T>& what) {
  out.append(reinterpret_cast<const char*>(what.data()), what.size() * sizeof(T));
}

template <class T>
void append_lengths(std::string& out, const name_dictionary& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    append_bytes(out, static_cast<T>(names[i].size()));
}

template <class T>
void append_distances(std::string& out, const std::vector<std::int64_t>& times, std::int64_t base) {
  for (const auto t : times)
    append_bytes(out, static_cast<T>(t - base));
}

} // namespace

column_writer::column_writer() : packer_(ZSTD_createCCtx()) {
  auto* packer = static_cast<ZSTD_CCtx*>(packer_);
  ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, packing_level);
  // What is damaged on its way shows itself instead of being taken for values.
  ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 1);
}

column_writer::~column_writer() {
  ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(packer_));
}

std::uint32_t column_writer::shape_number(const sample_rows& from, std::uint32_t of) {
  if (shape_numbers_.size() < from.shapes())
    shape_numbers_.resize(from.shapes(), 0);
  if (shape_numbers_[of] != 0)
    return shape_numbers_[of] - 1;
  key_.clear();
  for (const auto name : from.fields(of)) {
    const auto known = fields_.size();
    append_bytes(key_, fields_.add(name));
    if (fields_.size() > known)
      weight_ += name.size() + 1;
  }
  const auto number = shape_keys_.add(key_);
  shape_numbers_[of] = number + 1;
  if (number == shapes_.size())
    shapes_.emplace_back();
  auto& s = shapes_[number];
  if (s.rows == 0 && s.fields.empty()) {
    weight_ += key_.size() + 8;
    auto key = std::string_view(key_);
    for (std::uint32_t f = 0; take_bytes(key, f);)
      s.fields.push_back(f);
  }
  return number;
}

void column_writer::add(const sample_rows& from, std::size_t i) {
  const auto row = from[i];
  assert(row.line.empty());
  const auto number = shape_number(from, row.shape);
  auto& s = shapes_[number];
  s.values.insert(s.values.end(), row.values.begin(), row.values.end());
  ++s.rows;
  const auto known = hosts_.size() + labels_.size();
  host_of_.push_back(hosts_.add(row.host));
  labels_of_.push_back(row.labels.empty() ? 0 : labels_.add(row.labels) + 1);
  if (hosts_.size() + labels_.size() > known)
    weight_ += row.host.size() + row.labels.size();
  shape_of_.push_back(number);
  ts_ms_.push_back(row.ts_ms);
  gone_.push_back(row.gone);
  any_gone_ |= row.gone;
  if (row.server || !server_of_.empty())
    add_server(row.server);
  weight_ += 24 + row.values.size() * sizeof(double);
}

// Entries in which nobody names a server have no column of them.
void column_writer::add_server(std::optional<std::string_view> server) {
  if (server_of_.empty()) {
    server_of_.assign(host_of_.size() - 1, 0);
    weight_ += server_of_.size() * sizeof(std::uint32_t);
  }
  const auto known = servers_.size();
  server_of_.push_back(server ? servers_.add(*server) + 1 : 0);
  weight_ += sizeof(std::uint32_t) + (servers_.size() > known ? server->size() + 1 : 0);
}

void column_writer::write_names() {
  const bool with_servers = !server_of_.empty();
  append_bytes(plain_, std::uint8_t{with_servers ? std::uint8_t{2} : std::uint8_t{1}});
  for (const auto n :
       {host_of_.size(), hosts_.size(), fields_.size(), labels_.size(), shape_keys_.size()})
    append_size(plain_, n);
  if (with_servers)
    append_size(plain_, servers_.size());
  append_lengths<std::uint8_t>(plain_, hosts_);
  append_lengths<std::uint8_t>(plain_, fields_);
  append_lengths<std::uint16_t>(plain_, labels_);
  append_lengths<std::uint8_t>(plain_, servers_);
  for (const auto* names : {&hosts_, &fields_, &labels_, &servers_})
    plain_ += names->text();
  for (std::size_t i = 0; i < shape_keys_.size(); ++i) {
    append_size(plain_, shapes_[i].rows);
    append_size(plain_, shapes_[i].fields.size());
    append_all(plain_, shapes_[i].fields);
  }
}

void column_writer::write_samples() {
  const bool one_each = hosts_.size() == host_of_.size();
  append_bytes(plain_, static_cast<std::uint8_t>(one_each));
  if (!one_each)
    append_all(plain_, host_of_);
  const auto [first, last] = std::minmax_element(ts_ms_.begin(), ts_ms_.end());
  const auto range = *last - *first;
  const auto base = *first;
  const std::uint8_t width = range == 0 ? 0 : range < 65536 ? 2 : range <= UINT32_MAX ? 4 : 8;
  append_bytes(plain_, base);
  append_bytes(plain_, width);
  if (width == 2)
    append_distances<std::uint16_t>(plain_, ts_ms_, base);
  else if (width == 4)
    append_distances<std::uint32_t>(plain_, ts_ms_, base);
  else if (width == 8)
    append_distances<std::uint64_t>(plain_, ts_ms_, base);
  append_bytes(plain_, static_cast<std::uint8_t>(shape_keys_.size() > 1));
  if (shape_keys_.size() > 1)
    append_all(plain_, shape_of_);
  append_bytes(plain_, static_cast<std::uint8_t>(labels_.size() > 0));
  if (labels_.size() > 0)
    append_all(plain_, labels_of_);
  append_bytes(plain_, static_cast<std::uint8_t>(any_gone_));
  if (any_gone_)
    append_all(plain_, gone_);
  append_all(plain_, server_of_);
}

void column_writer::write_values() {
  for (std::size_t i = 0; i < shape_keys_.size(); ++i) {
    const auto& s = shapes_[i];
    const auto step = s.fields.size();
    column_.resize(s.rows);
    for (std::size_t f = 0; f < step; ++f) {
      for (std::size_t r = 0; r < s.rows; ++r)
        column_[r] = s.values[r * step + f];
      columns_.write(column_, plain_);
    }
  }
}

std::string_view column_writer::take_plain() {
  assert(!empty());
  plain_.clear();
  write_names();
  write_samples();
  write_values();
  clear();
  return plain_;
}

std::string column_writer::take() {
  const auto plain = take_plain();
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const auto size = ZSTD_compress2(static_cast<ZSTD_CCtx*>(packer_), out.data(), out.size(),
                                   plain.data(), plain.size());
  assert(!ZSTD_isError(size)); // it has all the room it may want
  out.resize(size);
  return out;
}

void column_writer::clear() {
  for (std::size_t i = 0; i < shape_keys_.size(); ++i) {
    shapes_[i].rows = 0;
    shapes_[i].fields.clear();
    shapes_[i].values.clear();
  }
  for (auto* names : {&hosts_, &fields_, &labels_, &servers_, &shape_keys_})
    names->clear();
  for (auto* column : {&host_of_, &shape_of_, &labels_of_, &server_of_})
    column->clear();
  ts_ms_.clear();
  gone_.clear();
  shape_numbers_.clear();
  any_gone_ = false;
  weight_ = 0;
}

} // namespace tocsin
