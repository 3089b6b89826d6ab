#pragma once

#include "config/annotation.hpp"
#include "config/rule.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Fills the annotations of one rule after the other. Same rule, host and value, same text: a
/// recovery writes what the engine before it would have.
class annotation_writer {
public:
  /// A filled text is cut at so many bytes, and where all of them together have so many, and an
  /// ellipsis put behind it.
  static constexpr std::size_t text_bytes_max = 1'024, texts_bytes_max = 4'096;

  void take_rule(const rule&);
  bool any() const { return !annotations_.empty(); }
  /// All of them as one JSON object; lives until the next call.
  const std::string& fill(std::string_view host, double trigger_value);

private:
  using pieces = std::vector<annotation_template::piece>; // with what the event decides only
  struct annotation {
    std::string json_name; // and the comma before it
    pieces text;
  };

  static pieces read(const rule&, std::string_view text);

  std::vector<annotation> annotations_;
  double threshold_ = 0;
  std::string text_, json_;
};

} // namespace tocsin
