#include "streams/rule/tick_outcome.hpp"

#include "config/json_text.hpp"
#include "streams/rule/annotation_writer.hpp"

#include <algorithm>

namespace tocsin {

namespace {

std::size_t common_prefix(const std::vector<std::string_view>& names) {
  auto length = names.empty() ? 0 : names[0].size();
  for (const auto& name : names) {
    const auto [a, b] = std::mismatch(name.begin(), name.end(), names[0].begin(),
                                      names[0].begin() + static_cast<std::ptrdiff_t>(length));
    length = static_cast<std::size_t>(a - name.begin());
  }
  return length;
}

// The next eight bytes as a number that compares as they do.
std::uint64_t leading_bytes(std::string_view text) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i)
    key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  return key;
}

// Where each of the groups begins that so many items of a counting sort fall into.
template <class Count>
void begin_groups(std::vector<Count>& counts) {
  Count sum = 0;
  for (auto& n : counts)
    sum += std::exchange(n, sum);
}

} // namespace

void tick_outcome::reserve_more(std::size_t events) {
  if (events > 0 && pairs_->capacity() == 0)
    pairs_ = borrowed_list(book_->spare);
  if (pairs_->capacity() - pairs_->size() < events)
    pairs_->reserve(std::max(pairs_->size() + events, pairs_->capacity() * 2));
}

std::string_view tick_outcome::host_name(std::uint32_t number) const {
  const auto begin = number == 0 ? 0 : name_ends_[number - 1];
  return std::string_view(names_).substr(begin, name_ends_[number] - begin);
}

void tick_outcome::name_hosts(const host_table& hosts, host_numbering& numbering) {
  auto& number = numbering.number;
  std::vector<host_index> met;
  const auto number_of = [&](host_index h) {
    if (h >= number.size()) // how far the hosts extend is not for this thread to read
      number.resize(std::max<std::size_t>(h + block_hosts, 2 * number.size()));
    if (number[h] == 0) {
      met.push_back(h);
      number[h] = static_cast<std::uint32_t>(met.size());
    }
    return number[h] - 1;
  };
  for (auto& e : *pairs_)
    e.host = number_of(e.host) & pair_event::host_mask;
  for (auto& c : cooled_)
    c.host = number_of(c.host);
  name_ends_.reserve(met.size());
  for (const auto h : met) {
    names_ += hosts.name(h);
    name_ends_.push_back(names_.size());
    number[h] = 0;
  }
}

// Names of hosts begin alike, so what tells them apart is compared first, as one number.
std::vector<std::uint32_t> tick_outcome::hosts_by_name() const {
  std::vector<std::string_view> names;
  for (std::uint32_t i = 0; i < name_ends_.size(); ++i)
    names.push_back(host_name(i));
  const auto prefix = common_prefix(names);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed;
  for (std::uint32_t i = 0; i < names.size(); ++i)
    keyed.emplace_back(leading_bytes(names[i].substr(prefix)), i);
  std::sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : names[a.second] < names[b.second];
  });
  std::vector<std::uint32_t> out;
  for (const auto& [key, i] : keyed)
    out.push_back(i);
  return out;
}

void tick_outcome::order_removed() {
  for (auto begin = removed_.begin(); begin != removed_.end();) {
    const auto end = std::find_if(begin, removed_.end(), [&](const auto& other) {
      return other.about.name != begin->about.name;
    });
    std::stable_sort(begin, end, [](const auto& a, const auto& b) { return a.host < b.host; });
    begin = end;
  }
}

// Two counting sorts, the second one stable: by host, then by kind and rule.
void tick_outcome::order() {
  order_removed();
  const auto hosts = hosts_by_name();
  std::vector<std::uint32_t> rank(hosts.size());
  for (std::uint32_t i = 0; i < hosts.size(); ++i)
    rank[hosts[i]] = i;

  const auto rules = static_cast<std::uint32_t>(book_ ? book_->rules.size() : 0);
  struct grouped {
    std::uint32_t group; // kind and rule
    std::uint32_t event;
  };
  std::vector<std::uint32_t> by_host(hosts.size()), by_group(2 * std::size_t{rules});
  const auto group = [&](const pair_event& e) { return e.rule + (e.opened ? rules : 0); };
  for (const auto& e : *pairs_) {
    ++by_host[rank[e.host]];
    ++by_group[group(e)];
  }
  begin_groups(by_host);
  begin_groups(by_group);
  std::vector<grouped> sorted(pairs_->size());
  for (std::uint32_t i = 0; i < pairs_->size(); ++i)
    sorted[by_host[rank[(*pairs_)[i].host]]++] = {group((*pairs_)[i]), i};
  order_.resize(pairs_->size());
  for (const auto& s : sorted)
    order_[by_group[s.group]++] = s.event;
}

event_view tick_outcome::at(std::size_t i) const {
  event_view v;
  if (i < removed_.size()) {
    const auto& r = removed_[i];
    v.opened = false;
    v.about = &r.about;
    v.host = r.host;
    v.start_ms = r.start_ms;
    v.end_ms = end_ms_;
    v.trigger_value = r.trigger_value;
    v.reason = resolution::rule_removed;
    v.annotations = r.annotations;
    return v;
  }
  const auto& e = (*pairs_)[order_[i - removed_.size()]];
  v.opened = e.opened;
  v.about = &book_->rules[e.rule];
  v.host = host_name(e.host);
  v.start_ms = e.start_ms;
  v.trigger_value = e.trigger_value;
  if (e.opened)
    return v;
  v.end_ms = end_ms_;
  v.reason = static_cast<resolution>(e.why);
  if (e.cools)
    v.cooldown_until_ms = end_ms_ + v.about->cooldown_ms;
  return v;
}

std::vector<incident_event> tick_outcome::events() {
  order();
  std::vector<incident_event> out;
  out.reserve(size());
  annotation_writer annotations;
  const rule* about = nullptr;
  for (std::size_t i = 0; i < size(); ++i) {
    const auto v = at(i);
    incident_event e;
    e.opened = v.opened;
    e.id = incident_id(cluster(), v.about->name, v.host, v.start_ms);
    e.about = *v.about;
    e.host = v.host;
    e.start_ms = v.start_ms;
    e.end_ms = v.end_ms;
    e.trigger_value = v.trigger_value;
    e.reason = v.reason;
    e.cooldown_until_ms = v.cooldown_until_ms;
    if (std::exchange(about, v.about) != v.about)
      annotations.take_rule(*v.about);
    e.annotations = v.annotations;
    if (e.annotations.empty() && annotations.any())
      e.annotations = annotations.fill(v.host, v.trigger_value);
    out.push_back(std::move(e));
  }
  return out;
}

std::pair<std::string_view, std::string_view> tick_outcome::cooled(std::size_t i) const {
  if (i < forgotten_cooled_.size())
    return {forgotten_cooled_[i].rule, forgotten_cooled_[i].host};
  const auto& c = cooled_[i - forgotten_cooled_.size()];
  return {book_->rules[c.rule].name, host_name(c.host)};
}

} // namespace tocsin
