#include "actors/machine/net_meter.hpp"

#include "actors/machine/proc_text.hpp"
#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace tocsin {

namespace {

constexpr std::array guests{"br-", "cali", "cni", "docker", "lxc", "tap", "veth", "virbr", "vnet"};

// Bytes, packets, errors and five more of what was received, then of what was sent.
std::optional<interface_counts> read_counts(std::string_view text) {
  std::array<std::uint64_t, 16> columns{};
  for (auto& column : columns) {
    const auto number = proc_text::take_number(text);
    if (!number) {
      return std::nullopt;
    }
    column = *number;
  }
  return interface_counts{
      .received = columns[0], .sent = columns[8], .errors = columns[2] + columns[10]};
}

} // namespace

std::map<std::string, interface_counts> read_interfaces(std::string_view net_dev) {
  std::map<std::string, interface_counts> out;
  while (!net_dev.empty()) {
    const std::string_view line = proc_text::take_until(net_dev, '\n');
    const auto colon = line.rfind(':'); // names of old kernels hold some, too: eth0:1
    const auto start = line.find_first_not_of(' ');
    if (colon == std::string_view::npos || start >= colon) {
      continue;
    }
    if (const auto counts = read_counts(line.substr(colon + 1))) {
      out.emplace(line.substr(start, colon - start), *counts);
    }
  }
  return out;
}

bool is_of_a_guest(std::string_view interface) {
  return std::any_of(guests.begin(), guests.end(),
                     [&](const char* prefix) { return interface.starts_with(prefix); });
}

std::map<std::string, interface_counts> net_meter::chosen(std::string_view net_dev,
                                                          const ask& is_up) {
  std::map<std::string, interface_counts> out;
  std::size_t asked = 0;
  for (auto& [name, counts] : read_interfaces(net_dev)) {
    if (is_of_a_guest(name)) {
      continue;
    }
    if (const char* why = why_no_field("net.transmit." + name)) {
      remarks_.say(
          name, fmt::format("the interface {} is not reported: {}", quote_for_people(name), why));
      continue;
    }
    if (asked == asked_max) {
      break;
    }
    ++asked;
    if (!is_up(name)) {
      continue;
    }
    if (out.size() == interfaces_max) {
      remarks_.say("", fmt::format("the interface {} and those after it are not reported: {} are "
                                   "the most that are",
                                   quote_for_people(name), interfaces_max));
      break;
    }
    out.emplace(name, counts);
  }
  return out;
}

void net_meter::take(std::string_view net_dev, std::int64_t steady_us, const ask& is_up,
                     std::vector<measured_field>& out) {
  const std::int64_t span_us = steady_us - before_us_;
  if (net_dev.empty() || (any_before_ && span_us < span_us_min)) {
    return;
  }
  auto now = chosen(net_dev, is_up);
  const auto rate = [&](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(to - from) * 1e6 / static_cast<double>(span_us);
  };
  for (const auto& [name, counts] : now) {
    const auto found = before_.find(name);
    if (found == before_.end()) {
      continue;
    }
    const interface_counts& was = found->second;
    if (counts.received < was.received || counts.sent < was.sent || counts.errors < was.errors) {
      continue;
    }
    out.push_back({"net.receive." + name, std::round(rate(was.received, counts.received))});
    out.push_back({"net.transmit." + name, std::round(rate(was.sent, counts.sent))});
    if (counts.errors > 0) {
      out.push_back({"net.errors." + name, two_decimals(rate(was.errors, counts.errors))});
    }
  }
  before_ = std::move(now);
  before_us_ = steady_us;
  any_before_ = true;
}

} // namespace tocsin
