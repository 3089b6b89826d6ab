#include "actors/metrics/registry.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace tocsin {

namespace {

constexpr std::array foreign_units{"_milliseconds", "_microseconds", "_nanoseconds", "_minutes",
                                   "_hours",        "_days",         "_ms",          "_us",
                                   "_kilobytes",    "_megabytes",    "_kb",          "_percent"};

std::string_view type_name(metric_type type) {
  switch (type) {
  case metric_type::counter:
    return "counter";
  case metric_type::gauge:
    return "gauge";
  case metric_type::histogram:
    return "histogram";
  }
  return "untyped";
}

bool well_spelled(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

// Quotes are escaped in label values, not in help texts.
void append_escaped(std::string& out, std::string_view text, bool label) {
  for (char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && label) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_labels(std::string& out, const metric_labels& labels, std::string_view bound = {}) {
  if (labels.empty() && bound.empty()) {
    return;
  }
  char separator = '{';
  for (const auto& [name, value] : labels) {
    out += separator;
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
    separator = ',';
  }
  if (!bound.empty()) {
    fmt::format_to(std::back_inserter(out), "{}le=\"{}\"", separator, bound);
  }
  out += '}';
}

void append_histogram(std::string& out, const std::string& name, const metric_labels& labels,
                      const histogram& what) {
  const double sum = what.sum();
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= what.bounds().size(); ++i) {
    cumulative += what.in_bucket(i);
    std::string bound;
    append_number(bound, i < what.bounds().size() ? what.bounds()[i] : HUGE_VAL);
    out += name + "_bucket";
    append_labels(out, labels, bound);
    fmt::format_to(std::back_inserter(out), " {}\n", cumulative);
  }
  out += name + "_sum";
  append_labels(out, labels);
  out += ' ';
  append_number(out, sum);
  out += '\n' + name + "_count";
  append_labels(out, labels);
  fmt::format_to(std::back_inserter(out), " {}\n", cumulative);
}

} // namespace

histogram::histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {
  assert(std::is_sorted(bounds_.begin(), bounds_.end()));
  assert(bounds_.empty() || std::isfinite(bounds_.back()));
}

void histogram::observe(double value) noexcept {
  // A bucket holds its upper bound: the first bound that is not less. NaN goes to +Inf.
  const auto at =
      std::isnan(value) ? bounds_.end() : std::lower_bound(bounds_.begin(), bounds_.end(), value);
  const auto i = static_cast<std::size_t>(at - bounds_.begin());
  buckets_[i].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t histogram::in_bucket(std::size_t i) const noexcept {
  assert(i <= bounds_.size());
  return buckets_[i].load(std::memory_order_relaxed);
}

std::vector<double> exponential_bounds(double first, double factor, std::size_t count) {
  assert(first > 0 && factor > 1);
  std::vector<double> bounds;
  for (std::size_t i = 0; i < count; ++i) {
    bounds.push_back(first);
    first *= factor;
  }
  return bounds;
}

std::optional<std::string> metric_name_objection(std::string_view name, metric_type type) {
  if (!well_spelled(name)) {
    return fmt::format("`{}`: lower-case letters, digits and `_` only", name);
  }
  const bool total = name.ends_with("_total");
  if (type == metric_type::counter && !total) {
    return fmt::format("`{}` is a counter: its name ends in `_total`", name);
  }
  if (type != metric_type::counter && total) {
    return fmt::format("`{}` is no counter: its name does not end in `_total`", name);
  }
  const std::string_view stem = total ? name.substr(0, name.size() - 6) : name;
  for (std::string_view taken : {"_count", "_sum", "_bucket", "_info"}) {
    if (stem.ends_with(taken) && !(taken == "_info" && type == metric_type::gauge)) {
      return fmt::format("`{}`: the suffix `{}` is Prometheus's own", name, taken);
    }
  }
  for (std::string_view unit : foreign_units) {
    if (stem.ends_with(unit)) {
      return fmt::format("`{}`: base units only (seconds, bytes, ratio), not `{}`", name, unit);
    }
  }
  return std::nullopt;
}

struct metric_registry::instance {
  metric_labels labels;
  std::function<double()> read;
  std::unique_ptr<counter> count;
  std::unique_ptr<gauge> level;
  std::unique_ptr<histogram> spread;

  double value() const {
    if (read) {
      return read();
    }
    if (count) {
      return static_cast<double>(count->value());
    }
    return level ? level->value() : 0;
  }
};

struct metric_registry::family {
  std::string name;
  std::string help;
  metric_type type;
  std::vector<std::unique_ptr<instance>> instances;
};

metric_registry::metric_registry() = default;
metric_registry::~metric_registry() = default;

metric_registry::instance& metric_registry::find_or_add(metric_type type, std::string_view name,
                                                        std::string_view help,
                                                        metric_labels labels) {
  assert(!metric_name_objection(name, type));
  auto at = std::lower_bound(families_.begin(), families_.end(), name,
                             [](const auto& known, std::string_view n) { return known->name < n; });
  if (at == families_.end() || (*at)->name != name) {
    at = families_.insert(at, std::make_unique<family>());
    (*at)->name = name;
    (*at)->help = help;
    (*at)->type = type;
  }
  assert((*at)->type == type && "one name, one type");
  auto& instances = (*at)->instances;
  for (auto& known : instances) {
    if (known->labels == labels) {
      return *known;
    }
  }
  instances.push_back(std::make_unique<instance>());
  instances.back()->labels = std::move(labels);
  return *instances.back();
}

counter& metric_registry::add_counter(std::string_view name, std::string_view help,
                                      metric_labels labels) {
  std::lock_guard lock(mutex_);
  auto& at = find_or_add(metric_type::counter, name, help, std::move(labels));
  if (!at.count) {
    at.count = std::make_unique<counter>();
  }
  return *at.count;
}

gauge& metric_registry::add_gauge(std::string_view name, std::string_view help,
                                  metric_labels labels) {
  std::lock_guard lock(mutex_);
  auto& at = find_or_add(metric_type::gauge, name, help, std::move(labels));
  if (!at.level) {
    at.level = std::make_unique<gauge>();
  }
  return *at.level;
}

histogram& metric_registry::add_histogram(std::string_view name, std::string_view help,
                                          std::vector<double> bounds, metric_labels labels) {
  std::lock_guard lock(mutex_);
  auto& at = find_or_add(metric_type::histogram, name, help, std::move(labels));
  if (!at.spread) {
    at.spread = std::make_unique<histogram>(std::move(bounds));
  }
  return *at.spread;
}

void metric_registry::add_callback(metric_type type, std::string_view name, std::string_view help,
                                   std::function<double()> read, metric_labels labels) {
  assert(type != metric_type::histogram);
  std::lock_guard lock(mutex_);
  find_or_add(type, name, help, std::move(labels)).read = std::move(read);
}

std::string metric_registry::expose() const {
  std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& each : families_) {
    out += "# HELP " + each->name + ' ';
    append_escaped(out, each->help, false);
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", each->name, type_name(each->type));
    for (const auto& one : each->instances) {
      if (one->spread) {
        append_histogram(out, each->name, one->labels, *one->spread);
        continue;
      }
      out += each->name;
      append_labels(out, one->labels);
      out += ' ';
      append_number(out, one->value());
      out += '\n';
    }
  }
  return out;
}

} // namespace tocsin
