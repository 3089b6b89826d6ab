#pragma once

#include "config/result.hpp"
#include "streams/sample/name_dictionary.hpp"
#include "streams/sample/sample_rows.hpp"
#include "streams/sample/value_column.hpp"
#include "streams/window/sample_columns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

// The form "c" of an entry of the log: samples taken apart into columns, in one zstd frame. Numbers
// are little-endian; a size is a u32.
//
//   u8 version: 2 if a sample names its server, else 1, without what is marked with a star
//   size samples, hosts, fields, labels, shapes, servers*
//   u8 length of each host, u8 of each field, u16 of each labels, u8 of each server*; then their
//   texts, in that order
//   of each shape: size rows, size fields, u32 index of each field
//   u8 1 if sample i is of host i; else 0 and a u32 of each sample
//   i64 base of times, u8 width (0, 2, 4, 8), the distance of each sample's
//   u8 0 if there is one shape, else 1 and a u32 of each sample
//   u8 0 if there are no labels, else 1 and a u32 of each sample: 0 or index + 1
//   u8 0 if none is gone, else 1 and a u8 of each sample
//   u32 of each sample: 0 or index of its server + 1*
//   of each shape the columns of its fields (value_column.hpp)

/// Gathers samples into an entry. Reuses its memory; one thread.
class column_writer {
public:
  column_writer();
  ~column_writer();
  column_writer(const column_writer&) = delete;
  column_writer& operator=(const column_writer&) = delete;

  /// Adds sample i, which is no line; between two calls with other samples call begin().
  void add(const sample_rows&, std::size_t i);
  void begin() { shape_numbers_.clear(); }

  bool empty() const { return host_of_.empty(); }
  /// Bytes it holds, before they are packed. With the largest sample more it is far below what an
  /// entry may hold, packed or not, as long as this is at most `weight_max`.
  std::size_t weight() const { return weight_; }
  static constexpr std::size_t weight_max = std::size_t{384} << 10;

  /// The entry; empties the writer.
  std::string take();
  /// The same without the frame around it.
  std::string_view take_plain();

private:
  struct shape {
    std::vector<std::uint32_t> fields;
    std::vector<double> values; // row by row
    std::uint32_t rows = 0;
  };
  std::uint32_t shape_number(const sample_rows&, std::uint32_t of);
  void add_server(std::optional<std::string_view>);
  void write_names();
  void write_samples();
  void write_values();
  void clear();

  void* packer_; // ZSTD_CCtx
  name_dictionary hosts_, fields_, labels_, servers_, shape_keys_;
  std::vector<shape> shapes_; // the first shape_keys_.size() are in use
  std::vector<std::uint32_t> host_of_, shape_of_, labels_of_;
  std::vector<std::uint32_t> server_of_; // empty while none names its server
  std::vector<std::int64_t> ts_ms_;
  std::vector<std::uint8_t> gone_;
  std::vector<std::uint32_t> shape_numbers_; // of the samples' shapes, plus one
  bool any_gone_ = false;
  std::size_t weight_ = 0;
  std::string key_, plain_;
  std::vector<double> column_;
  value_column_writer columns_;
};

/// Reads entries of form "c", whatever bytes they hold. Reuses its memory; one thread.
class column_reader {
public:
  /// The samples of an entry in its frame, which must unpack to at most 8 MiB; valid until the
  /// next call. The error says why the entry is to be skipped: all of it.
  result<const sample_columns*> read(std::string_view bytes);
  /// The same for what stands in the frame.
  result<const sample_columns*> read_plain(std::string_view plain);

  column_reader();
  ~column_reader();
  column_reader(const column_reader&) = delete;
  column_reader& operator=(const column_reader&) = delete;

private:
  bool read_names(std::string_view& from);
  bool read_shapes(std::string_view& from);
  bool read_samples(std::string_view& from);
  bool read_times(std::string_view& from);
  bool read_values(std::string_view& from);

  void* unpacker_; // ZSTD_DCtx
  std::string unpacked_;
  std::uint32_t samples_ = 0, hosts_ = 0, fields_ = 0, labels_ = 0, shapes_ = 0, servers_ = 0;
  std::vector<std::string_view> host_names_, field_names_, label_texts_, server_names_;
  std::vector<sample_columns::shape> shape_list_;
  std::vector<std::uint32_t> shape_fields_, host_of_, shape_of_, labels_of_, server_of_, rows_;
  std::vector<std::int64_t> ts_ms_;
  std::vector<std::uint8_t> gone_;
  std::vector<double> values_;
  sample_columns out_;
};

} // namespace tocsin
