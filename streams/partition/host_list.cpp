#include "streams/partition/host_list.hpp"

#include "config/spelling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace tocsin {

namespace {

// What a step does at most: a microsecond each at worst, most take far less.
constexpr std::int64_t text_bytes_max = 256 * 1024; // names and labels looked at
constexpr std::int64_t column_ticks_max = 64;       // of a block
constexpr std::int64_t heap_moves_max = 128;
constexpr std::int64_t list_reads_max = 16 * 1024; // of places of windows, bits, bytes

constexpr double no_key = std::numeric_limits<double>::quiet_NaN();

} // namespace

bool is_silent(const host_state& host, const intake& in) {
  return host.last_sample <= in.ring().sealed() - silent_ticks;
}

host_list::host_list(host_list_question q, receiver to) : asked_(std::move(q)), to_(std::move(to)) {
  asked_.search = lower_case(asked_.search);
}

bool host_list::step(const partition_engine& engine, const host_history& past) {
  past_ = &past;
  if (stage_ == stage::begin || engine.in.ring().sealed() > newest_ + 1 ||
      past.version() != past_version_)
    begin(engine);
  if (stage_ == stage::match && !match(engine))
    return false;
  if (stage_ == stage::keep && !keep(engine))
    return false;
  if (stage_ == stage::sort && !sort(engine.in.hosts()))
    return false;
  return stage_ == stage::show && show(engine);
}

void host_list::begin(const partition_engine& engine) {
  const auto& in = engine.in;
  newest_ = in.ring().sealed();
  past_version_ = past_->version();
  fields_.clear();
  for (const auto& column : asked_.columns)
    fields_.push_back(in.fields().find(column.field));
  find_span(in);
  total_ = matched_ = silent_ = total_silent_ = block_ = 0;
  kept_.clear();
  to_.begin();
  begin_block(engine);
}

void host_list::find_span(const intake& in) {
  const auto wanted =
      std::clamp<std::int64_t>(newest_ + 1, 1, in.grid().window_ticks(asked_.span_ms));
  ticks_ = wanted;
  for (const auto f : fields_)
    if (f)
      ticks_ = std::min(ticks_, past_->ticks(in, *f));
  summed_from_.reset();
  if (ticks_ == wanted)
    return;
  for (const auto f : fields_) {
    if (!f)
      continue;
    const auto from = past_->summed_from(in, *f, newest_ - wanted + 1);
    if (!from)
      return summed_from_.reset();
    summed_from_ = std::max(*from, summed_from_.value_or(*from));
  }
  if (summed_from_)
    ticks_ = newest_ - *summed_from_ + 1;
}

// The next one, or what comes behind the last.
void host_list::begin_block(const partition_engine& engine) {
  place_ = 0;
  found_.clear();
  stage_ = block_ < engine.in.hosts().blocks() ? stage::match : stage::sort;
  sorted_ = kept_.size();
  if (stage_ != stage::match)
    return;
  if (needs_column())
    begin_column(engine.in);
  if (asked_.by != host_list_question::order::open)
    return;
  open_.fill(0);
  for (rule_index r = 0; r < engine.plan->rules.rules().size(); ++r) {
    const auto& mask = engine.incidents.open().at(r, block_);
    for (std::size_t w = 0; w < block_words; ++w)
      for (auto bits = mask[w]; bits != 0; bits &= bits - 1)
        ++open_[w * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))];
  }
}

void host_list::begin_column(const intake& in) {
  const auto c = asked_.by_column;
  if (is_summed(c))
    summed_column_.begin(*fields_[c], block_, *summed_from_, newest_);
  else
    column_.begin(values_of(c, block_, in), newest_, ticks_, asked_.columns[c].what);
}

bool host_list::needs_column() const {
  return asked_.by == host_list_question::order::column || asked_.then_by_column;
}

bool host_list::column_step() {
  if (is_summed(asked_.by_column))
    return summed_column_.step(*past_, column_ticks_max);
  return column_.step(column_ticks_max);
}

double host_list::column_value(std::size_t place) const {
  if (is_summed(asked_.by_column))
    return summed_column_.at(place).value(asked_.columns[asked_.by_column].what);
  return column_.value(place);
}

double host_list::value_of(std::size_t c, host_index host, const intake& in) const {
  const auto what = asked_.columns[c].what;
  if (is_summed(c))
    return summary_of(*past_, *fields_[c], host, *summed_from_, newest_).value(what);
  return span_value(values_of(c, host / block_hosts, in), host % block_hosts, newest_, ticks_,
                    what);
}

const field_block* host_list::values_of(std::size_t column, std::size_t block,
                                        const intake& in) const {
  return fields_[column] ? past_->find(in, *fields_[column], block) : nullptr;
}

bool host_list::match(const partition_engine& engine) {
  const auto& hosts = engine.in.hosts();
  const auto end = std::min(block_hosts, hosts.extent() - block_ * block_hosts);
  auto bytes_left = text_bytes_max;
  for (; place_ < end; ++place_) {
    const auto index = static_cast<host_index>(block_ * block_hosts + place_);
    const auto& host = hosts.at(index);
    if (!host.known)
      continue;
    if (bytes_left < 0)
      return false;
    bytes_left -= static_cast<std::int64_t>((1 + asked_.words.size()) * host.name.size() +
                                            (asked_.labels.size() + asked_.words.size()) *
                                                host.labels.size());
    ++total_;
    const bool silent = is_silent(host, engine.in);
    total_silent_ += silent;
    if (!matches(host, engine.in))
      continue;
    ++matched_;
    silent_ += silent;
    found_.push_back(index);
  }
  stage_ = stage::keep;
  place_ = 0;
  return true;
}

bool host_list::matches(const host_state& host, const intake& in) {
  using state = host_list_question::state;
  if (asked_.is != state::any && (asked_.is == state::silent) != is_silent(host, in))
    return false;
  for (const auto& has : asked_.labels)
    if (!has(host.labels))
      return false;
  if (!asked_.words(host.name, host.labels))
    return false;
  if (asked_.search.empty())
    return true;
  text_ = lower_case(host.name);
  return text_.find(asked_.search) != text_.npos;
}

bool host_list::keep(const partition_engine& engine) {
  if (needs_column() && !column_step())
    return false;
  auto moves_left = heap_moves_max;
  for (; place_ < found_.size(); ++place_) {
    if (moves_left == 0)
      return false;
    const auto host = found_[place_];
    const auto then = asked_.then_by_column ? column_value(host % block_hosts) : no_key;
    moves_left -= offer({key_of(host, engine.in), then, host}, engine.in.hosts());
  }
  ++block_;
  begin_block(engine);
  // A step a block: what follows has its own.
  return false;
}

double host_list::key_of(host_index host, const intake& in) const {
  using order = host_list_question::order;
  const auto place = host % block_hosts;
  if (asked_.by == order::column)
    return column_value(place);
  if (asked_.by == order::open)
    return open_[place];
  if (asked_.by != order::last_sample)
    return 0;
  const auto last = in.hosts().at(host).last_sample;
  return last == tick_min ? no_key : static_cast<double>(last);
}

// Whether it is kept.
bool host_list::offer(kept one, const host_table& hosts) {
  const auto less = [&](const kept& a, const kept& b) { return before(a, b, hosts); };
  if (kept_.size() < asked_.offset + asked_.limit) {
    kept_.push_back(one);
  } else {
    if (!less(one, kept_.front()))
      return false;
    std::pop_heap(kept_.begin(), kept_.end(), less);
    kept_.back() = one;
  }
  std::push_heap(kept_.begin(), kept_.end(), less);
  return true;
}

bool host_list::before(const kept& a, const kept& b, const host_table& hosts) const {
  for (const auto& [x, y, descending] : {std::tuple(a.key, b.key, asked_.descending),
                                         std::tuple(a.then, b.then, asked_.then_descending)}) {
    const bool no_x = std::isnan(x), no_y = std::isnan(y);
    if (no_x != no_y)
      return no_y;
    if (!no_x && x != y)
      return (x < y) != descending;
  }
  const bool backwards = asked_.descending && asked_.by == host_list_question::order::host;
  return backwards ? hosts.name(b.host) < hosts.name(a.host)
                   : hosts.name(a.host) < hosts.name(b.host);
}

// Takes the page off the heap, from its end: it is the last of what was kept.
bool host_list::sort(const host_table& hosts) {
  const auto less = [&](const kept& a, const kept& b) { return before(a, b, hosts); };
  const auto first = std::min(asked_.offset, kept_.size());
  for (auto moves_left = heap_moves_max; sorted_ > first; --sorted_) {
    if (moves_left-- == 0)
      return false;
    std::pop_heap(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(sorted_), less);
  }
  stage_ = stage::show;
  place_ = first;
  return false;
}

std::int64_t host_list::reads_of_value() const {
  if (!summed_from_)
    return ticks_;
  const auto& slots = past_->summaries();
  return slots.slot_of(newest_) - slots.slot_of(*summed_from_) + past_->recent_ticks();
}

bool host_list::show(const partition_engine& engine) {
  const auto reads = engine.plan->rules.rules().size() + 256 +
                     fields_.size() * static_cast<std::size_t>(reads_of_value());
  for (auto left = list_reads_max; place_ < kept_.size(); ++place_) {
    if (left < 0)
      return false;
    const auto host = kept_[place_].host;
    left -= static_cast<std::int64_t>(reads + engine.in.hosts().at(host).labels.size());
    // One that was forgotten at the last seal is not shown any more.
    if (engine.in.hosts().at(host).known)
      show(host, engine);
  }
  return true;
}

void host_list::show(host_index index, const partition_engine& engine) {
  const auto& host = engine.in.hosts().at(index);
  host_row row{host.name, host.labels,        host.last_sample, is_silent(host, engine.in),
               0,         host.server_count()};
  for (rule_index r = 0; r < engine.plan->rules.rules().size(); ++r)
    row.open += engine.incidents.open().test(r, index);
  for (std::size_t c = 0; c < fields_.size(); ++c)
    row.values.push_back(value_of(c, index, engine.in));
  to_.row(row);
}

} // namespace tocsin
