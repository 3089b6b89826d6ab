#pragma once

#include "streams/sample/ingest.hpp"
#include "streams/window/intake.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace tocsin {

/// How full the tables of fields and hosts are. Immutable.
struct table_state {
  explicit table_state(const intake&);

  std::size_t fields, fields_max; ///< of those that count
  std::size_t hosts, hosts_max;
  std::optional<homeless_field> homeless; ///< a value that found no place
  std::optional<std::string> refused;     ///< a host that found none
  /// Who reported most of the fields first, and how many; there where fields are full.
  std::optional<std::pair<std::string, std::size_t>> most;

  /// Which are known, where there is no room for others.
  std::optional<std::unordered_set<std::string, text_hash, std::equal_to<>>> known_fields;
  std::optional<host_filter> known_hosts;

  bool full() const { return known_fields || known_hosts; }
};

/// What the aggregator's tables have no room for: it writes, who answers reporters and people
/// reads. Any thread may call anything. 8 bytes a host while hosts are full.
class full_tables {
public:
  /// None before the first.
  std::shared_ptr<const table_state> get() const;

  /// Takes the state if it is another than the last, and logs when a table becomes full and when it
  /// no longer is. Cheap where nothing changed.
  void note(const intake&);
  /// This engine evaluates no more: it knows nothing of the tables.
  void clear();

private:
  struct seen {
    std::uint64_t fields = 0, hosts = 0;
    std::size_t counted = 0;
    bool homeless = false, refused = false;
    friend bool operator==(const seen&, const seen&) = default;
  };
  mutable std::mutex mutex_;
  std::shared_ptr<const table_state> state_;
  const intake* of_ = nullptr;
  seen seen_;
  // Of the aggregator's thread:
  bool told_fields_ = false, told_hosts_ = false;
};

/// Notes in a body's answer which of its fields and hosts the engine has no room for.
void note_without_place(ingested_body&, const table_state&);

/// `{"known":…,"max":…,"full":…,"dropped":…,"most":…}`; of hosts `refused`, beside what is given.
std::string fields_json(const table_state*);
std::string hosts_json(const table_state*, std::size_t known, std::size_t max, std::size_t skewed);

} // namespace tocsin
