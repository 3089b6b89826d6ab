#include "tools/tocsin/rule_reload.hpp"

#include "config/flat_form.hpp"
#include "config/json_text.hpp"
#include "config/read_settings.hpp"
#include "streams/partition/recovery.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <future>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using kind = reload_outcome::kind;

counter& reloads(metric_registry& registry, const char* result) {
  return registry.add_counter("tocsin_reloads_total", "Files read again while running.",
                              {{"what", "rules"}, {"result", result}});
}

// Whoever watches the file, and nobody who asks, is to try again.
bool is_for_later(kind what) {
  return what == kind::not_evaluating || what == kind::redis_away;
}

std::string listed(std::string_view what, const std::vector<std::string>& names) {
  constexpr std::size_t shown_max = 10;
  if (names.empty())
    return {};
  std::vector<std::string> shown;
  for (const auto& name : names)
    if (shown.size() < shown_max)
      shown.push_back(quote_for_people(name));
  return fmt::format("; {}: {}{}", what, fmt::join(shown, ", "),
                     names.size() > shown_max ? ", …" : "");
}

} // namespace

settings as_evaluated(settings read) {
  if (!read.alerting_enabled)
    read.rules.clear();
  return read;
}

rule_reload::rule_reload(std::string path, file_watch since_read, settings as_read,
                         engine_context& ctx, pipeline& engine)
    : path_(std::move(path)), as_read_(std::move(as_read)), ctx_(ctx), engine_(engine),
      file_(std::move(since_read)), done_(reloads(ctx.registry, "done")),
      failed_(reloads(ctx.registry, "failed")),
      success_(ctx.registry.add_gauge("tocsin_rules_last_reload_success",
                                      "0 while the rules of the file are not in force because the "
                                      "last attempt to take them up failed.")) {
  success_.set(1);
  ctx_.reloads.open();
  thread_ = std::thread([this] { run(); });
}

rule_reload::~rule_reload() {
  ctx_.reloads.stop();
  thread_.join();
}

void rule_reload::run() {
  for (;;) {
    auto round = ctx_.reloads.wait(1'000);
    if (ctx_.reloads.stopping())
      return refuse(round.requests);
    to_do_ = file_.changed() || round.unattended || to_do_;
    if (round.empty() && !to_do_)
      continue;
    auto outcome = try_reload(round.requests);
    tell(outcome);
    for (auto& one : round.requests)
      one.answer.send(to_response(outcome, unix_ms()));
  }
}

// Taken off the desk just before it closed.
void rule_reload::refuse(requests& waiting) {
  for (auto& one : waiting)
    one.answer.send(to_response({.what = kind::not_evaluating, .message = "the engine is stopping"},
                                unix_ms()));
}

// What goes wrong in it (memory, a file system) is no reason to end the engine.
reload_outcome rule_reload::try_reload(requests& waiting) {
  try {
    return reload(waiting);
  } catch (const std::exception& e) {
    return {.what = kind::failed, .message = e.what()};
  }
}

reload_outcome rule_reload::reload(requests& waiting) {
  auto outcome = read();
  if (outcome.what == kind::config_errors)
    return outcome;
  const auto role = ctx_.role.load();
  if (role != engine_role::owner && role != engine_role::standby) {
    outcome.what = kind::not_evaluating;
    outcome.message = "the engine does not evaluate yet (/readyz says why)";
    return outcome;
  }
  return put_in_force(std::move(outcome), waiting);
}

// What the file says, and whether this engine can do it.
reload_outcome rule_reload::read() {
  auto report = read_settings_file(path_, process_environment(), purpose::serve);
  reload_outcome out;
  out.problems = std::move(report.problems);
  out.what = kind::config_errors;
  out.message = fmt::format("{} has errors: the rules from before stay in force", path_);
  if (has_errors(out.problems))
    return out;
  wanted_ = as_evaluated(std::move(report.value));
  auto under = ctx_.config;
  under.rules = wanted_.rules;
  const auto hosts = static_cast<std::uint64_t>(ctx_.metrics.hosts_known.value());
  for (auto& objection : objections_to(under, hosts, path_))
    out.problems.push_back(std::move(objection));
  if (has_errors(out.problems))
    return out;
  out.what = kind::done;
  out.message.clear();
  out.rules = wanted_.rules.size();
  out.rule_set = hash_of(wanted_.rules);
  out.changes = compare_rules(ctx_.rules.get()->rules, wanted_.rules);
  out.need_restart = settings_that_need_a_restart(as_read_, wanted_);
  if (report.flat)
    for (auto& key : out.need_restart)
      key = flat_name_of(key);
  return out;
}

reload_outcome rule_reload::put_in_force(reload_outcome out, requests& waiting) {
  using ending = std::pair<kind, std::string>;
  const auto promise = std::make_shared<std::promise<ending>>();
  auto ended = promise->get_future();
  const auto asked = std::make_shared<rules_to_take_up>();
  asked->rules = std::make_shared<const rule_set>(wanted_.rules);
  asked->answer = [promise](kind what, const std::string& why) { promise->set_value({what, why}); };
  engine_.take_up(asked);
  while (ended.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
    if (ctx_.reloads.stopping()) {
      out.what = kind::not_evaluating;
      out.message = "the engine is stopping";
      return out;
    }
    answer_late(waiting, out);
    ctx_.reloads.expire(monotonic_ms());
  }
  std::tie(out.what, out.message) = ended.get();
  if (out.what == kind::done || out.what == kind::unchanged)
    ctx_.rules.set_alerting(wanted_.alerting_enabled);
  return out;
}

// Nobody waits for ever: the rules are on their way.
void rule_reload::answer_late(requests& waiting, const reload_outcome& so_far) {
  auto pending = so_far;
  pending.what = kind::pending;
  for (auto& one : waiting)
    if (one.answer && monotonic_ms() >= one.until_ms)
      one.answer.send(to_response(pending, unix_ms()));
  std::erase_if(waiting, [](const auto& one) { return !one.answer; });
}

void rule_reload::tell(const reload_outcome& what) {
  to_do_ = to_do_ && is_for_later(what.what);
  if (is_for_later(what.what)) {
    if (to_do_ && std::exchange(said_, what.message) != what.message)
      spdlog::warn("rules: {} cannot be taken up yet: {}; trying again", path_, what.message);
    return;
  }
  said_.clear();
  say(what);
  const bool fine = what.what == kind::done || what.what == kind::unchanged;
  if (what.what == kind::standby)
    return;
  success_.set(fine ? 1 : 0);
  if (what.what != kind::unchanged)
    (fine ? done_ : failed_).add();
  ctx_.rules.note({unix_ms(),
                   what.what == kind::done        ? "done"
                   : what.what == kind::unchanged ? "unchanged"
                                                  : "failed",
                   what.message});
}

// A file that was taken up when it was asked for, and is then seen to have changed, says the same.
bool rule_reload::is_news(const reload_outcome& what) {
  auto all = problems_json(what.problems) + fmt::format("{}", fmt::join(what.need_restart, " "));
  const bool news = all != findings_said_;
  findings_said_ = std::move(all);
  return news;
}

void rule_reload::say(const reload_outcome& what) {
  if (is_news(what)) {
    for (const auto& p : what.problems)
      p.level == diagnostic::severity::error ? spdlog::error("{}", p.text())
                                             : spdlog::warn("{}", p.text());
    for (const auto& key : what.need_restart)
      spdlog::warn("{}: {} has changed: it takes effect at the next start", path_, key);
  }
  switch (what.what) {
  case kind::done:
    return spdlog::info("rules: {} rules of {} are in force{}{}{}", what.rules, path_,
                        listed("added", what.changes.added),
                        listed("changed", what.changes.changed),
                        listed("removed", what.changes.removed));
  case kind::unchanged:
    return spdlog::info("rules: those of {} are in force already", path_);
  case kind::standby:
    return spdlog::warn("rules: {} was read, and nothing changed: {}", path_, what.message);
  default:
    return spdlog::error("rules: {}", what.what == kind::config_errors
                                          ? what.message
                                          : fmt::format("those of {} cannot be put in force: {}; "
                                                        "the rules from before stay",
                                                        path_, what.message));
  }
}

} // namespace tocsin
