#include "actors/http/router.hpp"

#include "actors/http/cors.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <numeric>
#include <vector>

namespace tocsin::http {

namespace {

constexpr std::size_t path_shown_max = 200;
constexpr std::size_t near_routes_max = 3;

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// A slip of the pen, or one path is the beginning of the other.
bool is_near(std::string_view asked, std::string_view route, std::size_t distance) {
  return distance <= std::max<std::size_t>(2, route.size() / 3) ||
         (asked.size() > 1 && (route.starts_with(asked) || asked.starts_with(route)));
}

admission refusing(response with) {
  return {
      .handle = [with = std::move(with)](const request&, responder answer) { answer.send(with); },
      .refused = true};
}

} // namespace

void router::add(std::string_view method, std::string_view path, right needed, handler handle,
                 std::size_t body_bytes_max) {
  const auto most =
      method == "GET" ? std::min(body_bytes_max, idle_body_bytes_max) : body_bytes_max;
  const bool added =
      routes_[std::string(path)].emplace(method, entry{needed, std::move(handle), most}).second;
  assert(added && "one handler for a path and method");
  static_cast<void>(added);
}

response router::unknown_path(const request& what) const {
  const std::string_view asked = std::string_view(what.path).substr(0, path_shown_max);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const auto& [path, methods] : routes_) {
    const std::size_t distance = edit_distance(asked, path);
    if (path != "/" && is_near(asked, path, distance)) {
      near.emplace_back(distance, path);
    }
  }
  std::sort(near.begin(), near.end());
  std::string message = fmt::format("there is nothing at {}", asked);
  for (std::size_t i = 0; i < std::min(near.size(), near_routes_max); ++i) {
    message += fmt::format("{}{}", i == 0 ? "; there is " : ", ", near[i].second);
  }
  return to_response(refusal{404, "not-found", std::move(message)});
}

response router::wrong_method(const place& at, const request& what) {
  std::string allow;
  for (const auto& [method, unused] : *at.ways) {
    allow += (allow.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
  }
  response refused = to_response(
      refusal{405, "wrong-method",
              fmt::format("{} takes {}, not {}", at.path, allow, what.method.substr(0, 32))});
  refused.headers.emplace_back("Allow", allow);
  return refused;
}

std::vector<router::route> router::routes() const {
  std::vector<route> all;
  for (const auto& [path, ways] : routes_) {
    for (const auto& [method, one] : ways) {
      all.push_back({method, path, one.needed});
    }
  }
  return all;
}

router::place router::place_of(std::string_view path) const {
  // "/hosts/{host}" is also what a host of that name has.
  if (const auto exact = routes_.find(path); exact != routes_.end() && !path.ends_with('}')) {
    return {exact->first, &exact->second, {}};
  }
  for (const auto& [route, ways] : routes_) {
    const auto fixed = std::string_view(route).substr(0, route.find('{'));
    if (fixed.size() < route.size() && path.size() > fixed.size() && path.starts_with(fixed)) {
      return {route, &ways, path.substr(fixed.size())};
    }
  }
  return {};
}

const router::entry* router::find(const place& at, std::string_view method) {
  if (!at.ways) {
    return nullptr;
  }
  auto way = at.ways->find(method);
  if (way == at.ways->end() && method == "HEAD") {
    way = at.ways->find("GET");
  }
  return way == at.ways->end() ? nullptr : &way->second;
}

admission router::decide(const access_policy& policy, const request& head) const {
  const auto at = place_of(head.path);
  const entry* const found = find(at, head.method);
  const right needed = found ? found->needed : right::any;
  const access decision = access_decision(policy, head, needed);
  if (decision != access::allowed) {
    return refusing(to_response(decision, needed));
  }
  admission out =
      found ? admission{.handle =
                            [found, rest = std::string(at.rest)](request what, responder answer) {
                              what.rest = rest;
                              found->handle(std::move(what), std::move(answer));
                            },
                        .body_bytes_max = found->body_bytes_max}
            : refusing(at.ways ? wrong_method(at, head) : unknown_path(head));
  out.known = needed != right::open;
  return out;
}

admission router::admit(const request& head) const {
  const auto policy = access_->now();
  auto origin = admitted_origin(*policy, head);
  if (!origin) {
    return decide(*policy, head);
  }
  if (is_preflight(head)) {
    return refusing(answer_preflight(*origin));
  }
  auto out = decide(*policy, head);
  out.handle = [origin = std::move(*origin), inner = std::move(out.handle)](request what,
                                                                            responder answer) {
    inner(std::move(what), readable_for(origin, std::move(answer)));
  };
  return out;
}

void router::operator()(request what, responder answer) const {
  const auto handle = admit(what).handle;
  handle(std::move(what), std::move(answer));
}

} // namespace tocsin::http
