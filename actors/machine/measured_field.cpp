#include "actors/machine/measured_field.hpp"

#include "config/control_character.hpp"
#include "config/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tocsin {

namespace {

constexpr std::size_t field_bytes_max = 255;

} // namespace

const char* why_no_field(std::string_view name) {
  if (name.size() > field_bytes_max) {
    return "its field would have a name of more than 255 bytes";
  }
  if (holds_control_character(name)) {
    return "its name holds control characters";
  }
  if (find_bad_utf8(name)) {
    return "its name is no UTF-8";
  }
  if (name.ends_with(".count") || name.ends_with("_sum")) {
    return "its name ends in .count or _sum, and such fields add up";
  }
  return nullptr;
}

double two_decimals(double value) {
  return std::round(value * 100) / 100;
}

double percent_of(double part, double whole) {
  return two_decimals(100 * part / whole);
}

void said_once::say(const std::string& key, const std::string& text) {
  if (keys_.size() >= texts_max || std::find(keys_.begin(), keys_.end(), key) != keys_.end()) {
    return;
  }
  keys_.push_back(key);
  new_.push_back(text);
  if (keys_.size() == texts_max) {
    new_.emplace_back("more of this machine is left out; the log names no further parts of it");
  }
}

std::vector<std::string> said_once::take() {
  return std::exchange(new_, {});
}

} // namespace tocsin
