#include "streams/partition/cluster_past.hpp"

#include <algorithm>
#include <utility>

namespace tocsin {

result<scan_end>
read_totals(redis::connection& c, log_scan& scan, tick from, tick to,
            const std::function<cluster_tally::places(const field_table&)>& places_of,
            const std::function<bool()>& go_on, std::vector<cluster_history::row>& into) {
  into.clear();
  cluster_tally tally;
  cluster_tally::places places;
  std::uint64_t places_version = 0; // of the fields
  const auto until = std::min(scan.newest(), to + scan.reach());
  return scan.read(
      c, from, until,
      [&](const intake& in, tick n) {
        if (std::exchange(places_version, in.fields().version()) != in.fields().version())
          places = places_of(in.fields());
        if (n <= to) {
          tally.begin(n, scan.blind(n));
          tally.step(in, places);
          into.push_back(tally.totals());
        }
        for (std::size_t b = 0; b < in.hosts().blocks(); ++b)
          for (const auto& p : in.ring().patches(b))
            if (p.field != ring_patch::every_field && p.at >= from && p.at <= to && p.at < n &&
                places[p.field])
              into[static_cast<std::size_t>(p.at - from)].places[*places[p.field]].add(p.value);
      },
      go_on);
}

} // namespace tocsin
