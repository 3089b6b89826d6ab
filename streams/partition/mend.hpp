#pragma once

#include "streams/partition/recovery.hpp"

#include <optional>

namespace tocsin {

/// Brings what stands in Redis of a partition to where a recovery can go on, whatever others did to
/// it, and gives the mark to go on from; none: a new partition. What is lost is said by
/// recovery_task::note, a sentence each. Where nothing is damaged, a few look-ups and no write.
///
/// 1. A key of another type is an error that says how to get out (redis::check_layout).
/// 2. Progress that is missing or contradicts the record is made again from the record's last row:
///    what that tick had not committed is found by judging it again. Missing progress beside other
///    data is never "new".
/// 3. Without a row to go on from, the record begins anew: behind the last commit where progress
///    names it, else with the last tick that is over by Redis's clock. Windows are blind before.
/// 4. Entries of `ticks` and `incidents` that no engine wrote and that stand above the last commit
///    are removed: no row and no event could be added any more.
/// 5. Open incidents that are missing from their hash are put back from the stream's events.
/// 6. A log that ends before the last commit goes on behind it.
result<std::optional<redis::progress_mark>> mend_partition(const recovery_task&);

} // namespace tocsin
