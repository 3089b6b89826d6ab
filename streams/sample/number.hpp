#pragma once

namespace tocsin {

/// Reads a JSON number from the front of [p, end). Returns the end of its token; null where none
/// stands there, or one that is out of a double's range.
const char* read_json_number(const char* p, const char* end, double& value);

} // namespace tocsin
