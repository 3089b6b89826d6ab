#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Writes samples with the same fields as Botpress nodes write theirs: host, ts, uptime, cpu, mem,
/// requests and so on first, then the rest, and the dots of names as nested objects. Immutable.
///
/// A name that cannot be nested beside the others (`a` is there as a number, and so is `a.b`; or it
/// begins with a word that is no field, as `labels.x`) stays as it is, with its dots.
class nested_json {
public:
  explicit nested_json(std::span<const std::string_view> fields);

  /// What a sample says beside its values.
  struct head {
    std::string_view host;
    std::optional<std::string_view> server;
    std::int64_t ts_ms;
    std::string_view labels; ///< a JSON object or empty
  };
  /// Appends one sample; `values` as `fields` were.
  void write(std::string& out, const head&, std::span<const double> values) const;

private:
  struct piece {
    std::string before; ///< what stands between the last value and this one
    std::size_t field;
  };
  struct node;
  void flatten(const node& of, std::string& pending);

  std::vector<piece> pieces_;
  std::string end_;
};

} // namespace tocsin
