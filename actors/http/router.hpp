#pragma once

#include "actors/http/access.hpp"
#include "actors/http/admission.hpp"
#include "actors/http/body.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::http {

/// Which handler answers which path and method. Filled before it serves, constant from then on, so
/// that any thread may call it.
///
/// In this order: access (401, 403), path (404, naming the routes nearest to it), method (405 with
/// Allow), handler. A path or method that is not there needs any token, where tokens are needed.
/// All of that is decided by the head of a request, before its body is read.
/// Pages from an origin that the policy admits may read all of that; what a browser asks for them
/// beforehand is answered here. HEAD is answered by the handler for GET; the server leaves the body
/// out.
class router {
public:
  router() : router(access_policy{}) {}
  explicit router(access_policy policy)
      : router(std::make_shared<live_access>(std::move(policy))) {}
  explicit router(std::shared_ptr<const live_access> access) : access_(std::move(access)) {}

  /// An exact path ("/api/v1/samples") or one that ends in a parameter ("/api/v1/incidents/{id}",
  /// which takes the rest of the path, not empty, and gives it as request::rest), an upper-case
  /// method, what a token must give for it, and the largest body that is read for it (for GET at
  /// most `idle_body_bytes_max`). Exact paths go first. Adding one twice is a bug.
  void add(std::string_view method, std::string_view path, right needed, handler handle,
           std::size_t body_bytes_max = body_bytes_limit);
  /// What becomes of a request with this head. The handler refers to the router.
  admission admit(const request& head) const;
  void operator()(request what, responder answer) const;

  /// Of a body that nobody looks at, in bytes.
  static constexpr std::size_t idle_body_bytes_max = 4096;

  struct route {
    std::string_view method, path;
    right needed;
  };
  /// All of them, by path; valid until one is added.
  std::vector<route> routes() const;

private:
  struct entry {
    right needed;
    handler handle;
    std::size_t body_bytes_max;
  };
  using methods = std::map<std::string, entry, std::less<>>;

  struct place { // of a path among the routes
    std::string_view path;
    const methods* ways = nullptr; // null: there is none
    std::string_view rest;         // what its parameter takes
  };
  place place_of(std::string_view path) const;
  static const entry* find(const place& at, std::string_view method);
  admission decide(const access_policy& policy, const request& head) const;
  response unknown_path(const request& what) const;
  static response wrong_method(const place& at, const request& what);

  std::shared_ptr<const live_access> access_;
  std::map<std::string, methods, std::less<>> routes_;
};

} // namespace tocsin::http
