#include "streams/sample/sample_reader.hpp"

#include "config/control_character.hpp"
#include "config/keyed_hash.hpp"
#include "streams/sample/json_tokens.hpp"
#include "streams/sample/json_values.hpp"
#include "streams/sample/label_set.hpp"
#include "streams/sample/line_error.hpp"
#include "streams/sample/name_bound.hpp"
#include "streams/sample/skeleton.hpp"
#include "streams/window/tick.hpp"

#include <cmath>
#include <fmt/format.h>
#include <unordered_map>

namespace tocsin {

namespace {

namespace ondemand = simdjson::ondemand;
static_assert(sample_reader::padding >= simdjson::SIMDJSON_PADDING);

constexpr double value_max = 1e300;
constexpr double value_min = 1e-290;

} // namespace

struct sample_reader::parts {
  // One value of the sample, in order of appearance.
  struct slot {
    std::size_t begin; // of its name in names
    std::size_t size;
    double value;
    std::string_view dropped; // why, if it was; NaN without a reason: null
  };

  source from;
  ondemand::parser parser;
  std::string copy;
  std::string names; // of all slots, one behind the other
  std::string path;
  std::size_t broken_keys = 0; // of the path
  std::vector<slot> slots;
  std::vector<field_value> values;
  std::vector<dropped_field> dropped;
  std::string host;
  std::string labels;
  std::optional<std::string> server;
  std::optional<std::string> bad_host;
  bool has_host = false, has_ts = false, has_at = false, has_heartbeat = false, gone = false;
  std::optional<double> ts, at, heartbeat; // none although named: no number
  bool overridden = false;                 // a field is there twice
  skeleton_cache skeletons;

  std::optional<sample_line> read_known(std::string_view line);
  void learn(std::string_view line, const sample_line& read);
  tocsin::result<sample_line, std::string> read_or_reject(std::string_view line);
  sample_line read(std::string_view line);
  void reset();
  void top_level(std::string_view key, ondemand::value v);
  void take_host(ondemand::value v);
  void take_labels(ondemand::value v);
  void take_server(ondemand::value v);
  void walk_member(const member_key& key, ondemand::value v, std::size_t depth);
  void walk(ondemand::value v, std::size_t depth);
  void walk_object(ondemand::object o, std::size_t depth);
  void skip(ondemand::value v, std::size_t depth);
  void add(double value, std::string_view why);
  std::string_view objection_to_name() const;
  void settle();
  bool counts(std::size_t i) const;
  std::string_view name(const slot& s) const {
    return std::string_view(names).substr(s.begin, s.size);
  }
  sample_line result() const;
  std::int64_t time(std::optional<double> t, std::string_view key) const;
};

namespace {

std::string_view trim_blanks(std::string_view line) {
  line = json_token(line);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
    line.remove_prefix(1);
  return line;
}

} // namespace

void sample_reader::parts::reset() {
  names.clear();
  path.clear();
  slots.clear();
  values.clear();
  dropped.clear();
  host.clear();
  labels.clear();
  server.reset();
  bad_host.reset();
  broken_keys = 0;
  has_host = has_ts = has_at = has_heartbeat = gone = overridden = false;
  ts.reset();
  at.reset();
  heartbeat.reset();
}

// Most lines differ from one read before in their numbers only. (In a file every line is read once,
// and may say more.)
std::optional<sample_line> sample_reader::parts::read_known(std::string_view line) {
  sample_line out;
  const auto* known =
      from == source::live ? skeletons.read(trim_blanks(line), out.sample) : nullptr;
  if (!known)
    return std::nullopt;
  dropped.clear();
  out.named_ts = known->named_ts();
  out.shape = known->shape;
  return out;
}

void sample_reader::parts::learn(std::string_view line, const sample_line& read) {
  if (from == source::live && !overridden && dropped.empty())
    skeletons.learn(trim_blanks(line), read.sample, read.named_ts);
}

sample_line sample_reader::parts::read(std::string_view line) {
  reset();
  ondemand::document doc = need(parser.iterate(line.data(), line.size(), line.size() + padding));
  ondemand::object object = need(doc.get_object());
  for (auto field : object) {
    ondemand::field f = need(std::move(field));
    const auto key = key_of(f);
    if (key.broken)
      walk_member(key, f.value(), 1);
    else
      top_level(key.text, f.value());
  }
  if (!doc.current_location().error())
    reject("not a JSON object: something follows its end");
  settle();
  auto out = result();
  if (out.heartbeat)
    dropped.clear(); // whatever else it holds is nobody's
  return out;
}

void sample_reader::parts::top_level(std::string_view key, ondemand::value v) {
  const auto pass = [this](ondemand::value x) { skip(x, 1); };
  if (key == "host")
    return take_host(v);
  if (key == "ts") {
    has_ts = true;
    ts = number_or_none(v, pass);
  } else if (key == "at") {
    has_at = true;
    at = number_or_none(v, pass);
  } else if (key == "heartbeat") {
    has_heartbeat = true;
    heartbeat = number_or_none(v, pass);
  } else if (key == "labels") {
    take_labels(v);
  } else if (key == "serverId") {
    take_server(v);
  } else if (key == "gone") {
    gone = false;
    if (need(v.type()) == ondemand::json_type::boolean)
      gone = need(v.get_bool());
    else
      skip(v, 1);
  } else {
    walk_member({key, false}, v, 1);
  }
}

void sample_reader::parts::take_host(ondemand::value v) {
  has_host = true;
  bad_host.reset();
  host.clear();
  if (need(v.type()) != ondemand::json_type::string) {
    skip(v, 1);
    bad_host = "`host` is no string";
    return;
  }
  check_json_string(need(v.get_raw_json_string()));
  auto text = v.get_string();
  if (text.error()) {
    bad_host = "`host` holds half of a surrogate pair";
    return;
  }
  host = text.value_unsafe();
  if (host.empty() || host.size() > name_bytes_max)
    bad_host = fmt::format("`host` is {} bytes long: 1 to 255 are allowed", host.size());
  else if (holds_control_character(host))
    bad_host = "`host` holds a control character";
}

// What is no string of at most 255 bytes is as if it were not there.
void sample_reader::parts::take_server(ondemand::value v) {
  server.reset();
  if (need(v.type()) != ondemand::json_type::string)
    return skip(v, 1);
  check_json_string(need(v.get_raw_json_string()));
  const auto text = v.get_string();
  if (!text.error() && text.value_unsafe().size() <= name_bytes_max)
    server = text.value_unsafe();
}

void sample_reader::parts::take_labels(ondemand::value v) {
  labels.clear();
  if (need(v.type()) != ondemand::json_type::object)
    return skip(v, 1);
  label_set found;
  for (auto field : need(v.get_object())) {
    ondemand::field f = need(std::move(field));
    const auto key = key_of(f);
    const auto name = std::string(key.text);
    ondemand::value x = f.value();
    if (key.broken || need(x.type()) != ondemand::json_type::string) {
      skip(x, 2);
      continue;
    }
    check_json_string(need(x.get_raw_json_string()));
    if (auto text = x.get_string(); !text.error())
      found.add(name, text.value_unsafe());
  }
  labels = found.json();
}

void sample_reader::parts::walk(ondemand::value v, std::size_t depth) {
  switch (need(v.type())) {
  case ondemand::json_type::number: {
    const double x = number(v);
    if (!(std::abs(x) <= value_max))
      return add(NAN, "its number is beyond 1e300");
    return add(std::abs(x) < value_min ? 0.0 : x, {});
  }
  case ondemand::json_type::object:
    // Fields below it are fields of their own; an earlier spelling of its own path no longer
    // counts.
    add(NAN, {});
    return walk_object(need(v.get_object()), depth + 1);
  case ondemand::json_type::null:
    skip(v, depth);
    return add(NAN, {});
  default:
    skip(v, depth);
    return add(NAN, "it is no number");
  }
}

void sample_reader::parts::walk_object(ondemand::object o, std::size_t depth) {
  if (depth > depth_max)
    reject(fmt::format("nested more than {} levels deep", depth_max));
  const auto size = path.size();
  for (auto field : o) {
    ondemand::field f = need(std::move(field));
    const auto key = key_of(f);
    path += '.';
    walk_member(key, f.value(), depth);
    path.resize(size);
  }
}

// Takes what is below a member's key; the path ends with it until then.
void sample_reader::parts::walk_member(const member_key& key, ondemand::value v,
                                       std::size_t depth) {
  const auto size = path.size();
  path += key.text;
  broken_keys += key.broken;
  walk(v, depth);
  broken_keys -= key.broken;
  path.resize(size);
}

// Passes over a value; what is passed over must be valid JSON, too.
void sample_reader::parts::skip(ondemand::value v, std::size_t depth) {
  if (depth > depth_max)
    reject(fmt::format("nested more than {} levels deep", depth_max));
  switch (need(v.type())) {
  case ondemand::json_type::object:
    for (auto field : need(v.get_object())) {
      ondemand::field f = need(std::move(field));
      check_json_string(f.key());
      skip(f.value(), depth + 1);
    }
    return;
  case ondemand::json_type::array:
    for (auto item : need(v.get_array()))
      skip(need(std::move(item)), depth + 1);
    return;
  case ondemand::json_type::number:
    number(v);
    return;
  case ondemand::json_type::string:
    return check_json_string(need(v.get_raw_json_string()));
  case ondemand::json_type::boolean:
    need(v.get_bool());
    return;
  case ondemand::json_type::null:
    if (json_token(v.raw_json_token()) != "null" || !need(v.is_null()))
      reject(simdjson::N_ATOM_ERROR);
    return;
  }
}

void sample_reader::parts::add(double value, std::string_view why) {
  if (slots.size() + dropped.size() >= fields_max)
    reject(fmt::format("more than {} fields stand in it", fields_max));
  if (const auto objection = objection_to_name(); !objection.empty()) {
    if (!std::isnan(value) || !why.empty()) // else it has no value
      dropped.push_back({path.substr(0, name_bytes_max), objection});
    return;
  }
  slots.push_back({names.size(), path.size(), value, why});
  names += path;
}

// Why no field may be called as the path is; empty: one may.
std::string_view sample_reader::parts::objection_to_name() const {
  if (path.empty())
    return "its name is empty";
  if (path.size() > name_bytes_max)
    return "its name is longer than 255 bytes";
  if (broken_keys > 0)
    return "its name holds half of a surrogate pair";
  return holds_control_character(path) ? "its name holds a control character" : std::string_view();
}

// Of two spellings of one field the later counts, whatever it holds.
void sample_reader::parts::settle() {
  constexpr std::size_t few = 32;
  std::unordered_map<std::string_view, std::size_t, text_hash> last;
  if (slots.size() > few)
    for (std::size_t i = 0; i < slots.size(); ++i)
      last[name(slots[i])] = i;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& s = slots[i];
    if (slots.size() > few ? last[name(s)] != i : !counts(i)) {
      overridden = true;
      continue;
    }
    if (!s.dropped.empty())
      dropped.push_back({std::string(name(s)), s.dropped});
    else if (!std::isnan(s.value))
      values.push_back({name(s), s.value});
  }
}

bool sample_reader::parts::counts(std::size_t i) const {
  for (std::size_t j = i + 1; j < slots.size(); ++j)
    if (name(slots[j]) == name(slots[i]))
      return false;
  return true;
}

std::int64_t sample_reader::parts::time(std::optional<double> t, std::string_view key) const {
  if (!t || !(*t >= 0 && *t <= double{time_max_ms}))
    reject(fmt::format("`{}` is no number from 0 to 8.64e15 (milliseconds since 1970)", key));
  return static_cast<std::int64_t>(*t);
}

sample_line sample_reader::parts::result() const {
  sample_line out;
  if (from == source::file && has_heartbeat && !has_host) {
    out.heartbeat = true;
    out.at = time(heartbeat, "heartbeat");
    return out;
  }
  if (!has_host)
    reject("`host` is missing");
  if (bad_host)
    reject(*bad_host);
  if (from == source::file && has_at)
    out.at = time(at, "at");
  out.named_ts = has_ts;
  if (has_ts)
    out.sample.ts_ms = time(ts, "ts");
  out.sample.ts_named = has_ts;
  out.sample.host = host;
  out.sample.gone = gone;
  out.sample.labels = labels;
  out.sample.values = values;
  out.sample.server = server;
  return out;
}

tocsin::result<sample_line, std::string>
sample_reader::parts::read_or_reject(std::string_view line) {
  try {
    auto out = read(line);
    learn(line, out);
    return out;
  } catch (rejection& r) {
    return r.syntax ? explain_line(line, std::move(r.why)) : std::move(r.why);
  }
}

sample_reader::sample_reader(source from) : parts_(std::make_unique<parts>()) {
  parts_->from = from;
}
sample_reader::~sample_reader() = default;
sample_reader::sample_reader(sample_reader&&) noexcept = default;
sample_reader& sample_reader::operator=(sample_reader&&) noexcept = default;

result<sample_line, std::string> sample_reader::read(std::string_view line) {
  if (auto known = parts_->read_known(line))
    return std::move(*known);
  return parts_->read_or_reject(line);
}

result<sample_line, std::string> sample_reader::read_copy(std::string_view line) {
  if (auto known = parts_->read_known(line))
    return std::move(*known);
  parts_->copy.assign(line);
  parts_->copy.append(padding, ' ');
  return parts_->read_or_reject(std::string_view(parts_->copy).substr(0, line.size()));
}

const std::vector<dropped_field>& sample_reader::dropped() const {
  return parts_->dropped;
}

} // namespace tocsin
