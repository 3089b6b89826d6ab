#include "streams/sample/ingest.hpp"

#include "config/byte_order_mark.hpp"
#include "streams/sample/entry.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <simdjson.h>

namespace tocsin {

namespace ondemand = simdjson::ondemand;

struct body_reader::parts {
  sample_reader reader{sample_reader::source::live};
  ondemand::parser array_parser;
  ingested_body out;
  std::int64_t now_ms = 0;
  std::string line;

  void reject(std::uint64_t line, std::string why);
  bool take(std::string_view sample, std::uint64_t line, bool room_behind);
  void keep(std::string_view text, const sample_line& read);
  void keep_line(std::string_view text, bool named_ts);
  void read_lines(std::string_view body);
  void read_array(std::string& body);
  bool read_spread_object(std::string_view body);
  void end();
};

namespace {

constexpr std::size_t array_bytes_kept = std::size_t{4} << 20;

std::string_view trim(std::string_view s) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = s.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

} // namespace

void body_reader::parts::reject(std::uint64_t line, std::string why) {
  ++out.rejected;
  if (out.first_rejected.size() < ingested_body::rejected_shown_max)
    out.first_rejected.push_back({line, std::move(why)});
}

// Reads one sample and keeps it, unless it is rejected. `room_behind`: the reader's padding is
// readable behind it.
bool body_reader::parts::take(std::string_view sample, std::uint64_t line, bool room_behind) {
  if (sample.size() > sample_bytes_max) {
    reject(line, fmt::format("the sample is {} bytes long: {} are allowed", sample.size(),
                             sample_bytes_max));
    return false;
  }
  const auto read = room_behind ? reader.read(sample) : reader.read_copy(sample);
  if (!read) {
    reject(line, read.failure());
    return false;
  }
  ++out.accepted;
  // (One sample adds little enough that not each is looked at.)
  out.too_large |= out.accepted % 16 == 0 && out.rows.bytes() > ingested_body::rows_bytes_max;
  out.fields_dropped += reader.dropped().size();
  for (const auto& d : reader.dropped())
    if (out.first_dropped.size() < 10)
      out.first_dropped.push_back(d);
  keep(sample, *read);
  return true;
}

void body_reader::parts::keep(std::string_view text, const sample_line& read) {
  auto sample = read.sample;
  if (!read.named_ts)
    sample.ts_ms = now_ms;
  if (!out.rows.add(sample, read.shape))
    keep_line(text, read.named_ts);
}

// A sample that is too large for columns goes in as it was sent, on one line.
void body_reader::parts::keep_line(std::string_view text, bool named_ts) {
  text = trim(text);
  line.clear();
  if (!named_ts) {
    // An object with a host has a member, so a comma is always right here.
    line = fmt::format(R"({{"ts":{},)", now_ms);
    text.remove_prefix(1);
  }
  line += text;
  // Line breaks stand between tokens only: JSON has none inside strings.
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  out.rows.add_line(line);
}

void body_reader::parts::read_lines(std::string_view body) {
  std::uint64_t number = 0;
  while (!body.empty() && !out.too_large) {
    ++number;
    const auto end = body.find('\n');
    const auto line = body.substr(0, end);
    if (!trim(line).empty())
      take(line, number, true);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
  }
}

// One object spread over several lines, as people write it by hand.
bool body_reader::parts::read_spread_object(std::string_view body) {
  const auto whole = trim(body);
  const auto first_line = trim(whole.substr(0, whole.find('\n')));
  if (first_line.size() == whole.size() || reader.read_copy(first_line))
    return false;
  if (whole.size() > sample_bytes_max || !reader.read_copy(whole))
    return false;
  return take(whole, 1, false);
}

void body_reader::parts::read_array(std::string& body) {
  const auto size = body.size() - sample_reader::padding;
  std::uint64_t place = 0;
  try {
    ondemand::document doc = array_parser.iterate(body.data(), size, body.size());
    for (ondemand::value element : doc.get_array()) {
      ++place;
      if (element.type() == ondemand::json_type::object) {
        ondemand::object object = element.get_object();
        take(std::string_view(object.raw_json()), place, false);
      } else {
        reject(place, "not a JSON object");
      }
      if (out.too_large)
        return;
    }
    if (!doc.current_location().error())
      reject(place + 1, "something follows the end of the array");
  } catch (const simdjson::simdjson_error& e) {
    reject(place + (place == 0), fmt::format("not valid JSON from here on: {}", e.what()));
  }
}

void body_reader::parts::end() {
  if (out.too_large) {
    out.rows = {};
    out.accepted = 0;
  }
  // A parser takes some six bytes per byte of its largest text. Few arrays are as long.
  if (array_parser.capacity() > array_bytes_kept)
    array_parser = ondemand::parser();
}

body_reader::body_reader() : parts_(std::make_unique<parts>()) {}
body_reader::~body_reader() = default;

ingested_body body_reader::read(std::string body, std::int64_t now_ms) {
  body.erase(0, body.size() - without_byte_order_mark(body).size());
  parts_->out = {};
  parts_->out.rows.reserve(body.size() / 192, body.size() / 24);
  parts_->now_ms = now_ms;
  const auto text = trim(body);
  const bool array = text.starts_with('[');
  const auto size = body.size();
  body.append(sample_reader::padding, ' ');
  if (array)
    parts_->read_array(body);
  else if (!parts_->read_spread_object(std::string_view(body).substr(0, size)))
    parts_->read_lines(std::string_view(body).substr(0, size));
  parts_->end();
  return std::move(parts_->out);
}

} // namespace tocsin
