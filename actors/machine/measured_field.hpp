#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A field of a sample whose name holds the name of a part of the machine.
struct measured_field {
  std::string name;
  double value = 0;
};

/// Why a sample cannot hold a field of this name, or should not; nullptr where it can. A name that
/// ends in `.count` or `_sum` would add up over the samples of a tick.
const char* why_no_field(std::string_view name);

double two_decimals(double value);

/// `part` of `whole` in %, two decimals.
double percent_of(double part, double whole);

/// What the log is to say, each text once for as long as the meter lives. It owns the texts.
///
/// 1. At most `texts_max` of them; then it says that it stops. 64 · about 150 bytes = 10 KB.
class said_once {
public:
  static constexpr std::size_t texts_max = 64;

  /// `key` tells what was said already; the text may change.
  void say(const std::string& key, const std::string& text);
  /// What is new since the last call.
  std::vector<std::string> take();

private:
  std::vector<std::string> keys_, new_;
};

} // namespace tocsin
