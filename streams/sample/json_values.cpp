#include "streams/sample/json_values.hpp"

#include "config/json_syntax.hpp"
#include "streams/sample/number.hpp"

#include <cstdlib>
#include <fmt/format.h>

namespace tocsin {

void reject(std::string why) {
  throw rejection{std::move(why), false};
}

void reject(simdjson::error_code code) {
  if (code == simdjson::UTF8_ERROR)
    reject("not valid UTF-8");
  throw rejection{fmt::format("not valid JSON: {}", simdjson::error_message(code)), true};
}

void check_json_string(ondemand::raw_json_string s) {
  if (!is_json_string(s.raw()))
    reject("not valid JSON: a string holds a bad escape");
}

member_key key_of(ondemand::field& f) {
  const char* const written = f.key().raw(); // before unescaping, which uses the key up
  check_json_string(f.key());
  auto key = f.unescaped_key();
  if (!key.error())
    return {key.value_unsafe(), false};
  return {{written, json_string_bytes(written)}, true};
}

// (simdjson 3.0 reads some numbers of more than 19 digits wrong: 0.12345678901234567893600 as
// 0.000048.)
double number(ondemand::value v) {
  const auto token = json_token(v.raw_json_token());
  const auto r = v.get_double();
  double value = 0;
  const char* const end = token.data() + token.size();
  if (read_json_number(token.data(), end, value) == end)
    return value;
  if (is_json_number(token))
    return std::strtod(std::string(token).c_str(), nullptr);
  reject(r.error() ? r.error() : simdjson::NUMBER_ERROR);
}

} // namespace tocsin
