#include "streams/partition/restore.hpp"
#include "streams/sample/host_record.hpp"
#include "streams/sample/name_dictionary.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace tocsin {

namespace {

/// Hosts of the registry, which comes in no order, on their way into the table, in the order in
/// which they became known: those that report together stand together, and their values next to
/// each other in every row. Memory: some 300 bytes a host with ten fields, until they are restored.
class waiting_hosts {
public:
  void add(std::string name, host_record&& r) {
    hosts_.push_back({r.since, r.last_ms, r.non_blind_ms, std::move(name), std::move(r.labels),
                      firsts_.size(), r.first_ms.size()});
    for (const auto& [field, ms] : r.first_ms)
      firsts_.push_back({fields_.add(field), ms});
  }

  /// Puts all of them back; false: there are more than the table takes.
  bool restore(intake& in) {
    std::sort(hosts_.begin(), hosts_.end(), [](const host& a, const host& b) {
      return std::tie(a.since, a.name) < std::tie(b.since, b.name);
    });
    return std::all_of(hosts_.begin(), hosts_.end(), [&](const host& h) {
      return in.hosts().find(h.name) || restore(in, h); // a scan may visit a host twice
    });
  }

private:
  struct host {
    log_position since;
    std::int64_t last_ms, non_blind_ms;
    std::string name, labels;
    std::size_t firsts_at, firsts;
  };
  struct first {
    std::uint32_t field;
    std::int64_t ms;
  };

  bool restore(intake& in, const host& h) const {
    const auto& grid = in.grid();
    const auto made = in.restore_host(h.name, h.since, h.labels, grid.of(h.last_ms),
                                      h.non_blind_ms / grid.interval_ms);
    for (auto i = h.firsts_at; made && i < h.firsts_at + h.firsts; ++i)
      in.restore_first(*made, fields_[firsts_[i].field], grid.of(firsts_[i].ms));
    return made.has_value();
  }

  std::vector<host> hosts_;
  std::vector<first> firsts_;
  name_dictionary fields_;
};

} // namespace

status restore_hosts(const recovery_task& t, intake& in) {
  const auto& key = t.keys.hosts;
  host_record_reader reader;
  waiting_hosts waiting;
  bool alive = true;
  const auto scanned = redis::scan_hash(t.connection, key, [&](std::string name, auto json) {
    alive = alive && t.alive();
    if (!alive)
      return;
    auto record = reader.read(json);
    if (record)
      waiting.add(std::move(name), std::move(*record));
    else
      t.note(fmt::format("{} holds no record of host `{}` that can be read: it is known again when "
                         "it reports. HDEL removes it",
                         key, name));
  });
  if (!scanned)
    return scanned;
  if (!alive)
    return error{"reading the hosts was given up"};
  if (!waiting.restore(in))
    return error{
        fmt::format("{} holds more hosts than tocsin.hosts and tocsin.memory allow ({}): raise "
                    "them",
                    key, in.hosts().size())};
  return done{};
}

} // namespace tocsin
