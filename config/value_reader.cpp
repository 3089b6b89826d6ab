#include "config/value_reader.hpp"

#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/json_syntax.hpp"
#include "config/json_text.hpp"
#include "config/spelling.hpp"
#include "config/webhook_reader.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

std::string describe(const json_node& node) {
  if (node.type == kind::string && node.text.empty())
    return "an empty string";
  if (node.type == kind::string || node.type == kind::number)
    return quote_for_people(node.text);
  return std::string(node.kind_name());
}

void expected(const json_cursor& at, std::string_view what, problem_list& problems) {
  problems.error(at.place(), fmt::format("expected {}, found {}", what, at.node().kind_name()));
}

// "80" of "80 %"; nothing where it is something else.
std::string_view without_percent(const json_node& node) {
  std::string_view text = node.text;
  if (node.type != kind::string || !text.ends_with('%'))
    return {};
  text.remove_suffix(1);
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  return is_json_number(text) ? text : std::string_view();
}

std::optional<std::uint64_t> read_size(const json_cursor& at, std::uint64_t least_bytes,
                                       problem_list& problems) {
  const auto& node = at.node();
  if (node.type != kind::string && node.type != kind::number) {
    expected(at, R"(a size such as "512MiB" or a number of bytes)", problems);
    return std::nullopt;
  }
  const auto bytes =
      node.type == kind::number ? whole_bytes(node.number) : read_byte_size(node.text);
  if (!bytes) {
    problems.error(at.place(), fmt::format(R"({} is no size: write for example "512MiB", "1 GB" )"
                                           "or a whole number of bytes",
                                           describe(node)));
    return std::nullopt;
  }
  if (*bytes >= least_bytes)
    return bytes;
  problems.error(at.place(), fmt::format("{} is too small: at least {}", describe(node),
                                         describe_byte_size(least_bytes)));
  return std::nullopt;
}

std::optional<std::uint32_t> read_count(const json_cursor& at, const count_setting& bounds,
                                        problem_list& problems) {
  const auto& node = at.node();
  const auto fits = node.type == kind::number && node.number >= bounds.least &&
                    node.number <= bounds.most && node.number == std::floor(node.number);
  if (fits)
    return static_cast<std::uint32_t>(node.number);
  problems.error(at.place(), fmt::format("expected a whole number from {} to {}, found {}",
                                         bounds.least, bounds.most, describe(node)));
  return std::nullopt;
}

} // namespace

std::optional<bool> read_flag(const json_cursor& at, problem_list& problems) {
  if (at.node().type == kind::boolean)
    return at.node().boolean;
  const auto& text = at.node().text;
  const bool quoted = at.node().type == kind::string && (text == "true" || text == "false");
  problems.error(at.place(), fmt::format("expected true or false, found {}{}", describe(at.node()),
                                         quoted ? " in quotes: write it without" : ""));
  return std::nullopt;
}

std::optional<std::string> read_text(const json_cursor& at, problem_list& problems) {
  if (at.node().type != kind::string) {
    expected(at, "a string", problems);
    return std::nullopt;
  }
  if (!at.node().text.empty())
    return at.node().text;
  problems.error(at.place(), "this must not be empty");
  return std::nullopt;
}

std::optional<double> read_number(const json_cursor& at, problem_list& problems) {
  const auto& node = at.node();
  if (node.type == kind::number && std::isfinite(node.number))
    return node.number;
  if (node.type == kind::number)
    problems.error(at.place(),
                   fmt::format("{} is more than a double can hold", quote_for_people(node.text)));
  else if (node.type == kind::string && is_json_number(node.text))
    problems.error(at.place(), fmt::format("expected a number, found a string: write {} without "
                                           "quotes",
                                           node.text));
  else if (const auto meant = without_percent(node); !meant.empty())
    problems.error(at.place(), fmt::format("expected a number, found {}: write {}",
                                           quote_for_people(node.text), meant));
  else
    expected(at, "a number", problems);
  return std::nullopt;
}

std::optional<std::int64_t> read_duration(const json_cursor& at, std::int64_t least_ms,
                                          std::int64_t most_ms, problem_list& problems) {
  const auto& node = at.node();
  if (node.type != kind::string && node.type != kind::number) {
    expected(at, R"(a duration such as "10s" or a number of milliseconds)", problems);
    return std::nullopt;
  }
  const auto ms =
      node.type == kind::number ? round_duration(node.number) : tocsin::read_duration(node.text);
  if (!ms) {
    problems.error(at.place(), fmt::format(R"({} is no duration: write for example "90s", "2m", )"
                                           R"("1.5h", "2 days" or a number of milliseconds)",
                                           describe(node)));
    return std::nullopt;
  }
  if (*ms >= least_ms && *ms <= most_ms)
    return ms;
  const auto shown = describe(node);
  if (*ms > most_ms)
    problems.error(at.place(),
                   fmt::format("{} is too long: at most {}", shown, describe_duration(most_ms)));
  else if (least_ms == 0)
    problems.error(at.place(), fmt::format("{} is less than zero", shown));
  else if (least_ms == 1)
    problems.error(at.place(), fmt::format("{} is no length: it must be more than zero", shown));
  else
    problems.error(at.place(),
                   fmt::format("{} is too short: at least {}", shown, describe_duration(least_ms)));
  return std::nullopt;
}

void read_setting(const setting_form& form, const json_cursor& at, settings& into,
                  problem_list& problems) {
  if (const auto* flag = std::get_if<flag_setting>(&form)) {
    into.*flag->member = read_flag(at, problems).value_or(into.*flag->member);
  } else if (const auto* span = std::get_if<duration_setting>(&form)) {
    const auto ms = read_duration(at, span->least_ms, span->most_ms, problems);
    into.*span->member = ms.value_or(into.*span->member);
  } else if (const auto* size = std::get_if<size_setting>(&form)) {
    const auto bytes = read_size(at, size->least_bytes, problems);
    into.*size->member = bytes.value_or(into.*size->member);
  } else if (const auto* count = std::get_if<count_setting>(&form)) {
    into.*count->member = read_count(at, *count, problems).value_or(into.*count->member);
  } else if (const auto* url = std::get_if<base_url_setting>(&form)) {
    into.*url->member = read_base_url(at, problems).value_or("");
  } else if (const auto* text = std::get_if<text_setting>(&form)) {
    if (at.node().type != kind::string)
      return expected(at, "a string", problems);
    if (const auto objection = text->objection(at.node().text); !objection.empty())
      return problems.error(at.place(), std::string(objection));
    into.*text->member = at.node().text;
  }
}

json_node node_from_variable(const setting_form& form, std::string_view text) {
  json_node node;
  node.type = kind::string;
  node.text = text;
  const bool flag = std::holds_alternative<flag_setting>(form) ||
                    std::holds_alternative<both_enabled_setting>(form);
  if (const auto word = flag ? read_flag_word(text) : std::nullopt) {
    node.type = kind::boolean;
    node.boolean = *word;
  } else if (std::holds_alternative<count_setting>(form) && is_json_number(text)) {
    node.type = kind::number;
    const auto end = text.data() + text.size();
    if (std::from_chars(text.data(), end, node.number).ec != std::errc{})
      node.number = HUGE_VAL;
  }
  return node;
}

std::optional<bool> read_flag_word(std::string_view text) {
  constexpr std::array yes = {"true", "yes", "y", "on", "1"};
  constexpr std::array no = {"false", "no", "n", "off", "0"};
  const auto word = lower_case(text);
  for (const auto* known : yes) {
    if (word == known)
      return true;
  }
  for (const auto* known : no) {
    if (word == known)
      return false;
  }
  return std::nullopt;
}

} // namespace tocsin
