#include "streams/sample/nested_json.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>

namespace tocsin {

namespace {

constexpr std::array<std::string_view, 12> first_fields{"uptime",
                                                        "cpu.usage",
                                                        "mem.usage",
                                                        "mem.free",
                                                        "requests.count",
                                                        "requests.latency_sum",
                                                        "requests.latency_avg",
                                                        "eventsIn.count",
                                                        "eventsOut.count",
                                                        "warnings.count",
                                                        "errors.count",
                                                        "criticals.count"};

// What stands beside the fields of a sample, and is none.
constexpr std::array<std::string_view, 7> no_fields{"host", "ts",        "at",      "labels",
                                                    "gone", "heartbeat", "serverId"};

auto place_of(std::string_view field) {
  const auto known = std::find(first_fields.begin(), first_fields.end(), field);
  // Shorter paths first: a number must be there before anything wants to stand below it.
  return std::pair(known - first_fields.begin(),
                   known != first_fields.end() ? 0 : std::count(field.begin(), field.end(), '.'));
}

} // namespace

struct nested_json::node {
  std::string key;
  std::size_t field = SIZE_MAX; // of a number; else an object of these
  std::vector<std::unique_ptr<node>> below;

  node* find(std::string_view name) const {
    const auto at =
        std::find_if(below.begin(), below.end(), [&](const auto& n) { return n->key == name; });
    return at == below.end() ? nullptr : at->get();
  }
  node& add(std::string_view name) {
    below.push_back(std::make_unique<node>());
    below.back()->key = name;
    return *below.back();
  }
  // Whether the path is free; made then.
  bool add_path(std::string_view path, std::size_t number) {
    const auto dot = path.find('.');
    auto* next = find(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      if (next != nullptr)
        return false;
      add(path).field = number;
      return true;
    }
    if (next != nullptr && next->field != SIZE_MAX)
      return false;
    return (next != nullptr ? *next : add(path.substr(0, dot)))
        .add_path(path.substr(dot + 1), number);
  }
};

nested_json::nested_json(std::span<const std::string_view> fields) {
  std::vector<std::size_t> order(fields.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return place_of(fields[a]) < place_of(fields[b]); });
  node root;
  for (const auto i : order) {
    const auto head = fields[i].substr(0, fields[i].find('.'));
    const bool taken = std::find(no_fields.begin(), no_fields.end(), head) != no_fields.end();
    if (taken || !root.add_path(fields[i], i))
      root.add(fields[i]).field = i;
  }
  std::string pending;
  for (const auto& one : root.below) {
    pending += ',';
    flatten(*one, pending);
  }
  end_ = pending + '}';
}

void nested_json::flatten(const node& of, std::string& pending) {
  pending += quote_json(of.key);
  pending += ':';
  if (of.field != SIZE_MAX) {
    pieces_.push_back({std::exchange(pending, {}), of.field});
    return;
  }
  pending += '{';
  bool first = true;
  for (const auto& one : of.below) {
    if (!std::exchange(first, false))
      pending += ',';
    flatten(*one, pending);
  }
  pending += '}';
}

void nested_json::write(std::string& out, const head& of, std::span<const double> values) const {
  out += R"({"host":)";
  out += quote_json(of.host);
  if (of.server) {
    out += R"(,"serverId":)";
    out += quote_json(*of.server);
  }
  out += R"(,"ts":)";
  out += std::to_string(of.ts_ms);
  if (!of.labels.empty()) {
    out += R"(,"labels":)";
    out += of.labels;
  }
  for (const auto& p : pieces_) {
    out += p.before;
    out += write_number(values[p.field]);
  }
  out += end_;
}

} // namespace tocsin
