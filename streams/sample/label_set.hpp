#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace tocsin {

/// The labels of one sample while they are read; of one name the last text counts.
class label_set {
public:
  /// Labels that need more bytes than this as JSON are none.
  static constexpr std::size_t bytes_max = 4096;
  /// Of longer ones no more are gathered; what is replaced counts twice.
  static constexpr std::size_t gathered_bytes_max = 4 * bytes_max;

  void add(std::string_view name, std::string_view text);
  /// As a JSON object, by name; empty: there are none.
  std::string json() const;

private:
  std::map<std::string, std::string, std::less<>> found_;
  std::size_t bytes_ = 0;
};

} // namespace tocsin
