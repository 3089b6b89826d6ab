#include "tools/tocsin/hook_printer.hpp"

#include "config/json_text.hpp"
#include "tools/tocsin/output.hpp"

#include <array>
#include <cstdio>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t output_lines_max = 1'000; // of one hook, in JSON

const char* name_of(hook_level level) {
  constexpr std::array names = {"debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(level)];
}

const char* name_of(hook_end::outcome what) {
  constexpr std::array names = {"done", "threw", "timed-out", "died", "not-started", "cancelled"};
  return names[static_cast<std::size_t>(what)];
}

const char* name_of(delivery::outcome what) {
  constexpr std::array names = {"done", "later", "failed"};
  return names[static_cast<std::size_t>(what)];
}

} // namespace

void hook_printer::passed_over(const hook_passed_over& file) {
  if (json_)
    put(R"({{"of":{},"outcome":"passed-over","error":{}}})"
        "\n",
        quote_json(file.name), quote_json(file.why));
  else
    put("{} is passed over: {}\n", printable(file.name), file.why);
}

void hook_printer::begin(const redis::stream_event& e) {
  event_ = e.opened ? "opened" : "resolved";
  if (!json_)
    put("{} {} on {}\n", event_, quote_for_people(e.rule_name), quote_for_people(e.host_name));
}

hook_reports hook_printer::reports() {
  return {
      [this](hook_level l, const std::string& hook, std::string_view line) { say(l, hook, line); },
      [this](const hook_script& hook, const hook_end& end) { ended(hook, end); }};
}

void hook_printer::say(hook_level level, const std::string& hook, std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (!json_)
    put("  {} | {}\n", printable(hook.empty() ? "hooks" : hook), line);
  else if (output_.size() < output_lines_max)
    output_.push_back(
        fmt::format(R"({{"level":"{}","text":{}}})", name_of(level), quote_json(line)));
}

void hook_printer::ended(const hook_script& hook, const hook_end& end) {
  if (end.what == hook_end::outcome::not_started || end.what == hook_end::outcome::cancelled)
    return; // told of all hooks together
  const bool ok = end.what == hook_end::outcome::returned;
  failures_ += ok ? 0 : 1;
  show(hook.name, name_of(end.what), end.why, end.took_ms);
}

void hook_printer::took(const std::string& sink, const delivery& d) {
  failures_ += d.what == delivery::outcome::done ? 0 : 1;
  if (d.unmatched > 0)
    return show(sink, "not-sent", "the rule's labels are not those of its `match`", -1);
  show(sink, name_of(d.what), d.why, -1);
}

void hook_printer::not_run(const std::string& why) {
  ++failures_;
  show("hooks", "not-started", why, -1);
}

void hook_printer::show(const std::string& about, const std::string& outcome,
                        const std::string& why, std::int64_t took_ms) {
  const std::lock_guard lock(mutex_);
  ++runs_;
  if (json_) {
    put(R"({{"event":"{}","of":{},"outcome":"{}")", event_, quote_json(about), outcome);
    if (took_ms >= 0)
      put(R"(,"tookMs":{},"output":[{}])", took_ms, fmt::join(output_, ","));
    put("{}}}\n", why.empty() ? "" : R"(,"error":)" + quote_json(why));
  } else {
    put("  {}: {}{}{}\n", printable(about), outcome,
        took_ms >= 0 ? fmt::format(" in {} ms", took_ms) : "",
        why.empty() ? "" : ": " + printable(why));
  }
  flush_output();
  output_.clear();
}

} // namespace tocsin
