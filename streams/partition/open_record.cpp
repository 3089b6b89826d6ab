#include "streams/partition/open_record.hpp"

#include "config/json_document.hpp"
#include "config/text_map_reader.hpp"
#include "streams/rule/iso_time.hpp"

namespace tocsin {

namespace {

const json_node* member(const json_node& object, std::string_view key, json_node::kind kind) {
  const auto* m = object.find(key);
  return m && m->value.type == kind ? &m->value : nullptr;
}

// The value whose name is the text.
template <class Enum>
bool read_name(std::string_view text, std::initializer_list<Enum> all, Enum& out) {
  for (const auto value : all)
    if (name_of(value) == text)
      return out = value, true;
  return false;
}

} // namespace

result<open_record> read_open_record(std::string_view json) {
  using kind = json_node::kind;
  const auto doc = json_document::read(json);
  if (!doc)
    return error{doc.failure().message};
  const auto text = [&](std::string_view key) -> std::string {
    const auto* m = member(doc->root(), key, kind::string);
    return m ? m->text : std::string();
  };
  const auto number = [&](std::string_view key) {
    const auto* m = member(doc->root(), key, kind::number);
    return m ? m->number : 0.0;
  };
  open_record r;
  r.about.name = text("ruleName");
  r.about.field = text("field");
  r.about.threshold = number("threshold");
  r.about.timeframe_ms = static_cast<std::int64_t>(number("timeframe"));
  r.host = text("hostName");
  r.trigger_value = number("triggerValue");
  if (const auto* labels = member(doc->root(), "labels", kind::object))
    r.about.labels = texts_of(*labels);
  if (const auto* annotations = member(doc->root(), "annotations", kind::object))
    r.annotations = write_texts(texts_of(*annotations));
  const auto start = read_iso_time(text("startTime"));
  using a = aggregation;
  if (!start || r.host.empty() ||
      !read_name(text("aggregation"), {a::avg, a::sum, a::min, a::max, a::last, a::count},
                 r.about.aggregate) ||
      !read_name(text("operand"), {operand::equal_or_more_than, operand::equal_or_less_than},
                 r.about.compare))
    return error{"it is no open incident"};
  r.start_ms = *start;
  return r;
}

std::optional<std::pair<std::string, std::string>> read_cooldown_field(std::string_view field) {
  const auto doc = json_document::read(field);
  if (!doc || doc->root().items.size() != 2)
    return std::nullopt;
  return std::pair(doc->root().items[0].text, doc->root().items[1].text);
}

} // namespace tocsin
