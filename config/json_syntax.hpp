#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Nesting beyond this is refused: a recursive reader needs a bound, and a configuration of
/// Botpress nests about ten deep.
inline constexpr std::size_t json_depth_max = 256;

/// Why a text is no JSON, and the byte at which a person would put the finger.
struct syntax_error {
  std::size_t offset = 0;
  std::string message;
};

/// What else may be taken.
struct syntax_terms {
  std::size_t depth_max = json_depth_max;
  bool lone_surrogates = false; ///< RFC 8259 leaves them open
};

/// The first error of a text that should be a JSON object or array, in the operator's terms: a
/// comma too many, a quote that is missing, a file that was written by half. Takes what RFC 8259
/// takes, but refuses lone surrogates; O(bytes). It explains; json_document reads.
std::optional<syntax_error> find_syntax_error(std::string_view text, const syntax_terms& = {});

/// Whether the text is one JSON number and nothing else.
bool is_json_number(std::string_view text);

} // namespace tocsin
