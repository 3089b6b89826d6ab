#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin {

/// Label names and values of one instance, in the order in which they are exposed.
using metric_labels = std::vector<std::pair<std::string, std::string>>;

/// Goes up only. Any thread, lock-free; alone on its cache line, so that two busy counters do not
/// slow each other down.
class alignas(64) counter {
public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Any thread, lock-free.
class alignas(64) gauge {
public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(double n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<double> value_{0};
};

/// Counts observations by fixed upper bounds (ascending, finite; `+Inf` is implied). Any thread,
/// lock-free; an observation costs a binary search and two relaxed additions. An exposition taken
/// meanwhile may lack the newest observation in the sum and have it in a bucket, never the reverse
/// of what Prometheus demands: the count always equals the `+Inf` bucket.
class histogram {
public:
  explicit histogram(std::vector<double> bounds);
  void observe(double value) noexcept;

  const std::vector<double>& bounds() const noexcept { return bounds_; }
  /// Observations that fell into bucket `i` alone (not cumulative); `i == bounds().size()` is +Inf.
  std::uint64_t in_bucket(std::size_t i) const noexcept;
  double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

/// `count` bounds, each `factor` times the one before: for latencies.
std::vector<double> exponential_bounds(double first, double factor, std::size_t count);

/// The value of the Content-Type header that goes with `metric_registry::expose`.
inline constexpr std::string_view exposition_content_type = "text/plain; version=0.0.4";

enum class metric_type { counter, gauge, histogram };

/// Why Prometheus's naming rules forbid this name, or nothing where they do not: a counter ends in
/// `_total`, nothing else does; base units only (`_seconds`, `_bytes`); no `_count`, `_sum`,
/// `_bucket` of one's own; letters, digits and `_`.
std::optional<std::string> metric_name_objection(std::string_view name, metric_type type);

/// Owns every metric of the program and writes them in the Prometheus text format.
///
/// 1. Registering takes a lock, may be done from any thread at any time, and is idempotent: the
///    same name and labels give the same instance back (of a callback, the newest one holds).
/// 2. The references stay valid as long as the registry does; using them takes no lock.
/// 3. One name has one type and one help text: those of its first registration. Another type, or
///    a name that `metric_name_objection` objects to, is a bug and asserted.
/// 4. A callback is called by `expose` with the registry's lock held: it must not use the registry,
///    must be quick, and what it refers to must outlive the registry or replace it first.
class metric_registry {
public:
  metric_registry();
  ~metric_registry();
  metric_registry(const metric_registry&) = delete;
  metric_registry& operator=(const metric_registry&) = delete;

  counter& add_counter(std::string_view name, std::string_view help, metric_labels labels = {});
  gauge& add_gauge(std::string_view name, std::string_view help, metric_labels labels = {});
  histogram& add_histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                           metric_labels labels = {});
  /// A counter or gauge whose value is asked for at each exposition.
  void add_callback(metric_type type, std::string_view name, std::string_view help,
                    std::function<double()> read, metric_labels labels = {});

  /// The whole exposition: families sorted by name, instances in order of registration.
  std::string expose() const;

private:
  struct instance;
  struct family;
  instance& find_or_add(metric_type type, std::string_view name, std::string_view help,
                        metric_labels labels);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<family>> families_; // sorted by name
};

} // namespace tocsin
