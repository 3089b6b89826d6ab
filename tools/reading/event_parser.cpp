#include "tools/reading/event_parser.hpp"

namespace tocsin {

bool event_parser::feed(std::string_view bytes, const taker& take) {
  for (const char c : bytes) {
    const bool second_half = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (second_half)
      continue;
    if (c == '\r' || c == '\n') {
      if (!end_line(take))
        return false;
      continue;
    }
    line_ += c;
    if (line_.size() + data_.size() > event_bytes_max) {
      too_large_ = true;
      return false;
    }
  }
  return true;
}

void event_parser::begin_again() {
  line_.clear();
  name_.clear();
  data_.clear();
  id_ = last_id_;
  has_data_ = has_id_ = after_return_ = begun_ = too_large_ = false;
}

bool event_parser::end_line(const taker& take) {
  std::string_view line = line_;
  if (!begun_ && line.starts_with("\xEF\xBB\xBF"))
    line.remove_prefix(3);
  begun_ = true;
  if (line.empty()) {
    line_.clear();
    return dispatch(take);
  }
  if (const auto colon = line.find(':'); colon == std::string_view::npos) {
    take_field(line, {});
  } else if (colon > 0) { // else it is a comment
    auto value = line.substr(colon + 1);
    if (value.starts_with(' '))
      value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
  }
  line_.clear();
  return true;
}

void event_parser::take_field(std::string_view field, std::string_view value) {
  if (field == "event") {
    name_ = value;
  } else if (field == "data") {
    if (has_data_)
      data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
    has_id_ = true;
  }
}

bool event_parser::dispatch(const taker& take) {
  last_id_ = id_;
  const bool any = has_data_ || has_id_;
  const server_event event{name_.empty() ? "message" : name_, data_, last_id_};
  name_.clear();
  data_.clear();
  has_data_ = has_id_ = false;
  return !any || take(event);
}

} // namespace tocsin
