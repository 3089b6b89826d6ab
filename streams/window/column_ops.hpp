#pragma once

#include "streams/window/host_mask.hpp"
#include "streams/window/value_total.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tocsin {

enum class comparison : std::uint8_t { ge, le, gt, lt };

/// What vector units do: loops over the 1,024 hosts of a block, compiled for every instruction set
/// of the architecture, the best that the machine has chosen at run time (Highway). All of them,
/// plain scalar code too, give the same bits. Columns are 64-byte aligned; NaN is "no value" and
/// compares false.
namespace column_ops {

/// Hosts whose place holds a value.
void present(const double* column, host_mask& out);

/// Hosts with `column cmp threshold`.
void compare(const double* column, comparison cmp, double threshold, host_mask& out);

/// Hosts with `hi + lo >= bound_hi + bound_lo` (`ge`), or <=: exact, for pairs that do not overlap.
/// `lo` may be null: zero everywhere.
void compare_pairs(const double* hi, const double* lo, bool ge, double bound_hi, double bound_lo,
                   host_mask& out);

/// What is told apart from what is known: a mask m of hosts becomes (m ^ flip ^ known) & among.
struct difference {
  const host_mask& known;
  const host_mask& among;
  std::uint64_t flip; ///< all ones or none
  host_mask& out;
};
/// As compare() and compare_pairs(), but leave the difference; false: there is none. One pass, so
/// that no mask goes through memory on the way.
bool compare(const double* column, comparison cmp, double threshold, const difference&);
bool compare_pairs(const double* hi, const double* lo, bool ge, double bound_hi, double bound_lo,
                   const difference&);
bool differ(const host_mask&, const difference&);

/// Exact sums of a window that slides by one tick: hi + lo += in − out, without rounding (two-sum:
/// Knuth, Møller). Either row may be null. Where the new sum does not fit a pair its bit is set in
/// `inexact`, and the pair is void.
///
/// `lo` may be null as long as every error so far was zero (whole numbers, say): the slide then
/// costs half. Stops at the first host from which on that does not hold, and returns its index; the
/// caller comes back with a `lo`, zero from there on, and `from`. Returns block_hosts when done;
/// `lo_used` says whether some lo is other than zero now.
struct slide_state {
  std::size_t next;
  bool lo_used;
};
slide_state slide_sums(const double* in, const double* out, double* hi, double* lo,
                       std::size_t from, host_mask& inexact);

/// For how many more ticks the last hit of each host stays in a window of `window` ticks, the
/// newest included: one tick goes by, `hits` are its hits. `alive`: hosts whose count is not zero.
void count_down(std::uint8_t* left, const host_mask& hits, std::uint8_t window, host_mask& alive);
void count_down(std::uint16_t* left, const host_mask& hits, std::uint16_t window, host_mask& alive);

/// All values of a column put together: eight sums of every eighth place, then these.
value_total total(const double* column);

/// The instruction set in use, as Highway names it: "AVX3", "AVX2", "SSE4", "NEON", ….
std::string_view target();

/// For tests: every instruction set that this machine has; makes one of them the one in use, or,
/// with 0, the best again.
std::vector<std::int64_t> targets();
void use_target(std::int64_t);

} // namespace column_ops
} // namespace tocsin
