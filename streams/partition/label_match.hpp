#pragma once

#include <string>
#include <string_view>

namespace tocsin {

/// Whether the labels of a host, as sample_reader writes them (one JSON object of strings, nothing
/// between its signs), hold this member. Built once, asked often.
class label_match {
public:
  label_match(std::string_view name, std::string_view value);
  bool operator()(std::string_view labels) const;

private:
  std::string member_; // "name":"value"
};

} // namespace tocsin
