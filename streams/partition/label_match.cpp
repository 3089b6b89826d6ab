#include "streams/partition/label_match.hpp"

#include "config/json_text.hpp"

namespace tocsin {

namespace {

// The place behind the JSON string that begins at `from`.
std::size_t end_of_string(std::string_view json, std::size_t from) {
  for (++from; from < json.size() && json[from] != '"'; ++from)
    from += json[from] == '\\';
  return from + 1;
}

} // namespace

label_match::label_match(std::string_view name, std::string_view value)
    : member_(quote_json(name) + ':' + quote_json(value)) {}

bool label_match::operator()(std::string_view labels) const {
  if (labels.find(member_) == labels.npos)
    return false; // most often; what is found may lie across two texts
  for (std::size_t at = 1; at < labels.size();) {
    const auto end = end_of_string(labels, end_of_string(labels, at) + 1);
    if (end <= labels.size() && labels.substr(at, end - at) == member_)
      return true;
    at = end + 1;
  }
  return false;
}

} // namespace tocsin
