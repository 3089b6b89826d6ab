#pragma once

#include <string>

namespace tocsin {

/// One line on the terminal that is written again and again; elsewhere one every half minute.
class progress_line {
public:
  progress_line();
  void say(const std::string& text);
  void clear();

private:
  std::string last_;
  double said_at_;
  bool written_ = false;
};

} // namespace tocsin
