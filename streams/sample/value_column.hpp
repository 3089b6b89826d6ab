#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Appends values to `out` in the shortest form that gives them back to the bit: decimals of up to
/// three places as whole numbers of 0, 1, 2 or 4 bytes above a base, anything else as doubles.
/// Reuses its memory.
class value_column_writer {
public:
  void write(std::span<const double> values, std::string& out);

private:
  bool write_decimals(std::span<const double> values, int places, std::string& out);
  std::vector<double> whole_;
};

/// Reads what a writer wrote from the front of `bytes`, as many as `into` holds. False where bytes
/// are missing or hold what no sample may report.
bool read_value_column(std::string_view& bytes, std::span<double> into);

} // namespace tocsin
