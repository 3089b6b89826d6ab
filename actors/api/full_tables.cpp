#include "actors/api/full_tables.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <vector>

namespace tocsin {

namespace {

constexpr std::string_view no_field =
    "no place: as many other fields are known as tocsin.fields allows";
constexpr std::string_view no_host =
    "no place: as many other hosts are known as tocsin.hosts and tocsin.memory allow";
constexpr std::size_t shown_max = 10;

// How many samples of each shape there are of hosts that have a place.
std::vector<std::size_t> samples_by_shape(ingested_body& in, const table_state& tables) {
  std::vector<std::size_t> out(in.rows.shapes());
  for (std::size_t i = 0; i < in.rows.size(); ++i) {
    const auto row = in.rows[i];
    if (!row.line.empty())
      continue; // it is JSON still, and rare
    if (!tables.known_hosts || tables.known_hosts->may_know(row.host)) {
      ++out[row.shape];
      continue;
    }
    ++in.fields_dropped;
    if (in.first_dropped.size() < shown_max)
      in.first_dropped.push_back({"", no_host, std::string(row.host)});
  }
  return out;
}

} // namespace

table_state::table_state(const intake& in)
    : fields(in.fields().counted()), fields_max(in.fields().counted_max()),
      hosts(in.hosts().size()), hosts_max(in.hosts().hosts_max()), homeless(in.homeless()),
      refused(in.refused()) {
  if (in.fields().full()) {
    most = in.most_fields();
    known_fields.emplace();
    for (field_index f = 0; f < in.fields().size(); ++f)
      if (in.fields().known(f))
        known_fields->insert(in.fields().name(f));
    for (const auto name : intake::latency_fields)
      known_fields->insert(std::string(name));
  }
  if (in.hosts().full())
    known_hosts = in.hosts().filter();
}

std::shared_ptr<const table_state> full_tables::get() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void full_tables::note(const intake& in) {
  const seen now{in.fields().version(), in.hosts().full() ? in.hosts().version() : 0,
                 in.fields().counted(), in.homeless().has_value(), in.refused().has_value()};
  {
    const std::lock_guard lock(mutex_);
    if (&in == of_ && now == seen_)
      return;
    of_ = &in;
    seen_ = now;
  }
  auto state = std::make_shared<const table_state>(in);
  if (state->homeless && !std::exchange(told_fields_, true)) {
    const auto& most = state->most;
    spdlog::warn("the table of fields is full ({}): values of further fields are dropped, as of {} "
                 "of host {}; {}. Stop what reports them, or raise tocsin.fields",
                 state->fields_max, quote_for_people(state->homeless->field),
                 quote_for_people(state->homeless->host),
                 most ? fmt::format("host {} brought {} of those that are known",
                                    quote_for_people(most->first), most->second)
                      : "rules name all that are known");
  } else if (!in.fields().full() && std::exchange(told_fields_, false)) {
    spdlog::info("the table of fields has room again");
  }
  if (state->refused && !std::exchange(told_hosts_, true))
    spdlog::warn("the table of hosts is full ({}): samples of further hosts are dropped, as of {}. "
                 "Raise tocsin.hosts or tocsin.memory, or have fewer hosts report",
                 state->hosts_max, quote_for_people(*state->refused));
  else if (!in.hosts().full() && std::exchange(told_hosts_, false))
    spdlog::info("the table of hosts has room again");
  const std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

void full_tables::clear() {
  const std::lock_guard lock(mutex_);
  of_ = nullptr;
  state_ = nullptr;
}

void note_without_place(ingested_body& in, const table_state& tables) {
  const auto samples = samples_by_shape(in, tables);
  for (std::uint32_t shape = 0; tables.known_fields && shape < samples.size(); ++shape) {
    if (samples[shape] == 0)
      continue;
    for (const auto name : in.rows.fields(shape)) {
      if (tables.known_fields->contains(name))
        continue;
      in.fields_dropped += samples[shape];
      if (in.first_dropped.size() < shown_max)
        in.first_dropped.push_back({std::string(name), no_field, ""});
    }
  }
}

std::string fields_json(const table_state* tables) {
  if (!tables)
    return "null";
  const auto& [homeless, most] = std::tie(tables->homeless, tables->most);
  return fmt::format(
      R"({{"known":{},"max":{},"full":{},"dropped":{},"most":{}}})", tables->fields,
      tables->fields_max, tables->known_fields.has_value(),
      homeless ? fmt::format(R"({{"field":{},"host":{}}})", quote_json(homeless->field),
                             quote_json(homeless->host))
               : "null",
      most ? fmt::format(R"({{"host":{},"fields":{}}})", quote_json(most->first), most->second)
           : "null");
}

std::string hosts_json(const table_state* tables, std::size_t known, std::size_t max,
                       std::size_t skewed) {
  return fmt::format(R"({{"known":{},"max":{},"skewed":{},"full":{},"refused":{}}})", known,
                     tables ? tables->hosts_max : max, skewed,
                     tables && tables->known_hosts.has_value(),
                     tables && tables->refused ? quote_json(*tables->refused) : "null");
}

} // namespace tocsin
