#include "actors/api/hosts.hpp"

#include "actors/api/http_question.hpp"
#include "config/json_text.hpp"
#include "streams/partition/host_detail.hpp"
#include "streams/rule/iso_time.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

std::string time_json(std::int64_t ms) {
  return '"' + iso_time(ms) + '"';
}

// The end of the last sealed tick; now where there is none.
std::string as_of(tick newest, const tick_grid& grid, std::int64_t now_ms) {
  return iso_time(newest == tick_min ? now_ms : grid.end_ms(newest));
}

// The start of a tick.
std::string start_json(tick n, const tick_grid& grid) {
  return n == tick_min ? "null" : time_json(grid.start_ms(n));
}

std::string_view labels_json(std::string_view labels) {
  return labels.empty() ? "{}" : labels;
}

class hosts_question : public http_question {
public:
  hosts_question(http::responder owed, asked_hosts asked, std::int64_t now_ms)
      : http_question(std::move(owed)), columns_(std::move(asked.columns)),
        list_(std::move(asked.question),
              {.begin = [this] { rows_.clear(); }, .row = [this](const host_row& r) { write(r); }}),
        now_ms_(now_ms) {}

  bool step(const live_aggregator& core) override {
    grid_ = core.engine().in.grid();
    return list_.step(core.engine(), core.past());
  }

private:
  void write(const host_row& r) {
    rows_ += fmt::format(
        R"({}{{"host":{},"labels":{},"lastSample":{},"silent":{},"open":{},"servers":{},)",
        rows_.empty() ? "" : ",", quote_json(r.name), labels_json(r.labels),
        start_json(r.last_sample, grid_), r.silent, r.open, r.servers);
    rows_ += "\"values\":";
    for (std::size_t i = 0; i < r.values.size(); ++i)
      rows_.append(i == 0 ? "[" : ",").append(write_number(r.values[i]));
    rows_ += r.values.empty() ? "[]}" : "]}";
  }

  http::response make_answer() override {
    std::string columns;
    for (const auto& c : columns_)
      columns.append(columns.empty() ? "" : ",").append(quote_json(c));
    return {.body = fmt::format(R"({{"hosts":[{}],"columns":[{}],"total":{},"matched":{},)"
                                R"("silent":{},"totalSilent":{},"span":{},"asOf":"{}"}})"
                                "\n",
                                rows_, columns, list_.total(), list_.matched(), list_.silent(),
                                list_.total_silent(), list_.span_ticks() * grid_.interval_ms,
                                as_of(list_.newest(), grid_, now_ms_))};
  }

  std::vector<std::string> columns_;
  std::string rows_;
  host_list list_;
  tick_grid grid_;
  std::int64_t now_ms_;
};

class host_question : public http_question {
public:
  host_question(http::responder owed, std::string name, std::int64_t now_ms)
      : http_question(std::move(owed)), host_(std::move(name)), now_ms_(now_ms) {}

  bool step(const live_aggregator& core) override {
    grid_ = core.engine().in.grid();
    plan_ = core.engine().plan;
    return host_.step(core.engine(), core.past());
  }

private:
  std::string name_of_rule(rule_index r) const { return quote_json(plan_->rules.rules()[r].name); }

  std::string open_json() const {
    std::string out;
    for (const auto& o : host_.open())
      out +=
          fmt::format(R"({}{{"rule":{},"startTime":{},"triggerValue":{}}})", out.empty() ? "" : ",",
                      name_of_rule(o.rule), time_json(o.start_ms), write_number(o.trigger_value));
    return out;
  }

  std::string fields_json() const {
    std::string out;
    for (const auto& f : host_.fields()) {
      std::string rules;
      for (const auto r : f.rules)
        rules.append(rules.empty() ? "" : ",").append(name_of_rule(r));
      out += fmt::format(R"({}{{"name":{},"last":{},"at":{},"first":{},"rules":[{}]}})",
                         out.empty() ? "" : ",", quote_json(f.name),
                         f.at == tick_min ? "null" : write_number(f.last), start_json(f.at, grid_),
                         start_json(f.first, grid_), rules);
    }
    return out;
  }

  http::response make_answer() override {
    if (!host_.known())
      return http::to_response(http::refusal{
          404, "unknown-host",
          fmt::format("no host {} is known: it has never reported, or was forgotten since",
                      quote_for_people(host_.name()))});
    const auto& s = host_.state();
    const auto since = static_cast<std::int64_t>(s.since.ms);
    return {.body = fmt::format(
                R"({{"host":{},"labels":{},"lastSample":{},"silent":{},"servers":{},"since":{},)"
                R"("open":[{}],"fields":[{}],"asOf":"{}"}})"
                "\n",
                quote_json(host_.name()), labels_json(s.labels), start_json(s.last_sample, grid_),
                host_.silent(), s.server_count(), since > 0 ? time_json(since) : "null",
                open_json(), fields_json(), as_of(host_.newest(), grid_, now_ms_))};
  }

  host_detail host_;
  std::shared_ptr<const partition_plan> plan_;
  tick_grid grid_;
  std::int64_t now_ms_;
};

class fields_question : public http_question {
public:
  fields_question(http::responder owed, std::int64_t now_ms)
      : http_question(std::move(owed)), now_ms_(now_ms) {}

  bool step(const live_aggregator& core) override {
    grid_ = core.engine().in.grid();
    return list_.step(core.engine(), core.past());
  }

private:
  http::response make_answer() override {
    std::string out;
    for (const auto& f : list_.fields())
      out += fmt::format(R"({}{{"name":{},"hosts":{},"rules":{},"reach":{},"adds":{}}})",
                         out.empty() ? "" : ",", quote_json(f.name), f.hosts, f.rules,
                         f.ticks * grid_.interval_ms, f.adds);
    return {.body = fmt::format("{{\"fields\":[{}],\"asOf\":\"{}\"}}\n", out,
                                as_of(list_.newest(), grid_, now_ms_))};
  }

  field_list list_;
  tick_grid grid_;
  std::int64_t now_ms_;
};

} // namespace

void add_host_routes(http::router& routes, const api_context& ctx) {
  using http::right;
  routes.add("GET", "/api/v1/hosts", right::read, [ctx](auto what, auto answer) {
    auto asked = read_asked_hosts(what);
    if (!asked)
      return answer.send(asked.failure());
    ctx.questions.ask(
        std::make_unique<hosts_question>(std::move(answer), *std::move(asked), ctx.unix_ms()),
        ctx.monotonic_ms());
  });
  const auto takes_none = [](const http::request& what) -> std::optional<http::refusal> {
    if (what.query.empty())
      return std::nullopt;
    return http::refusal{400, "bad-parameter", "this takes no parameters"};
  };
  const auto ask_for_host = [ctx](std::string name, http::responder answer) {
    ctx.questions.ask(
        std::make_unique<host_question>(std::move(answer), std::move(name), ctx.unix_ms()),
        ctx.monotonic_ms());
  };
  routes.add("GET", "/api/v1/hosts/{host}", right::read, [=](auto what, auto answer) {
    if (const auto why = takes_none(what))
      return answer.send(*why);
    ask_for_host(std::move(what.rest), std::move(answer));
  });
  routes.add("GET", "/api/v1/host", right::read, [=](auto what, auto answer) {
    if (what.query.size() != 1 || what.query.front().first != "name" ||
        what.query.front().second.empty())
      return answer.send(http::refusal{400, "bad-parameter", "this takes `name`, a host's, once"});
    ask_for_host(std::move(what.query.front().second), std::move(answer));
  });
  routes.add("GET", "/api/v1/fields", right::read, [=](auto what, auto answer) {
    if (const auto why = takes_none(what))
      return answer.send(*why);
    ctx.questions.ask(std::make_unique<fields_question>(std::move(answer), ctx.unix_ms()),
                      ctx.monotonic_ms());
  });
}

} // namespace tocsin
