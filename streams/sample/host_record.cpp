#include "streams/sample/host_record.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <simdjson.h>

namespace tocsin {

namespace {

namespace ondemand = simdjson::ondemand;

log_position read_position(std::string_view text) {
  log_position p;
  const auto* end = text.data() + text.size();
  const auto ms = std::from_chars(text.data(), end, p.ms);
  if (ms.ptr != end)
    std::from_chars(ms.ptr + 1, end, p.seq);
  return p;
}

// Throws simdjson_error: caught where the text came in.
host_record read_object(ondemand::document& doc) {
  host_record out;
  for (ondemand::field f : doc.get_object()) {
    const std::string_view key = f.unescaped_key();
    if (key == "since") {
      out.since = read_position(std::string_view(f.value().get_string()));
    } else if (key == "last") {
      out.last_ms = f.value().get_int64();
    } else if (key == "nonBlindMs") {
      out.non_blind_ms = f.value().get_int64();
    } else if (key == "labels") {
      out.labels = std::string_view(f.value().get_string());
    } else if (key == "first") {
      for (ondemand::field first : f.value().get_object()) {
        const std::string_view name = first.unescaped_key();
        out.first_ms.emplace_back(name, std::int64_t(first.value().get_int64()));
      }
    }
  }
  return out;
}

// A million new hosts in one tick make a million records: plain names are not worth a format
// string.
template <class T>
void append_number(std::string& out, T n) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

void append_quoted(std::string& out, std::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), plain)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += quote_json(text);
  }
}

} // namespace

std::string write_host_record(const host_record& r) {
  std::string out;
  out.reserve(128 + r.labels.size() + 48 * r.first_ms.size());
  out += R"({"since":")";
  append_number(out, r.since.ms);
  out += '-';
  append_number(out, r.since.seq);
  out += R"(","last":)";
  append_number(out, r.last_ms);
  out += R"(,"nonBlindMs":)";
  append_number(out, r.non_blind_ms);
  // As a string, so that it is read back to the letter.
  if (!r.labels.empty()) {
    out += R"(,"labels":)";
    append_quoted(out, r.labels);
  }
  out += R"(,"first":{)";
  for (const auto& [field, ms] : r.first_ms) {
    if (out.back() != '{')
      out += ',';
    append_quoted(out, field);
    out += ':';
    append_number(out, ms);
  }
  return out += "}}";
}

struct host_record_reader::parts {
  ondemand::parser parser;
  std::string copy;
};

host_record_reader::host_record_reader() : parts_(std::make_unique<parts>()) {}
host_record_reader::~host_record_reader() = default;

result<host_record> host_record_reader::read(std::string_view json) {
  auto& copy = parts_->copy;
  copy.assign(json);
  copy.append(simdjson::SIMDJSON_PADDING, ' ');
  try {
    ondemand::document doc = parts_->parser.iterate(copy.data(), json.size(), copy.size());
    return read_object(doc);
  } catch (const simdjson::simdjson_error& e) {
    return error{fmt::format("it is no host record: {}", e.what())};
  }
}

} // namespace tocsin
