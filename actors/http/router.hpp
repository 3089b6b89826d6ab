#pragma once

#include "actors/http/access.hpp"
#include "actors/http/responder.hpp"

#include <map>
#include <string>
#include <string_view>

namespace tocsin::http {

/// Which handler answers which path and method. Filled before it serves, constant from then on, so
/// that any thread may call it.
///
/// In this order: access (401, 403), path (404, naming the routes nearest to it), method (405 with
/// Allow), handler. HEAD is answered by the handler for GET; the server leaves the body out.
class router {
public:
  router() = default;
  explicit router(access_policy policy) : policy_(std::move(policy)) {}

  /// An exact path ("/api/v1/samples") and an upper-case method. Adding one twice is a bug.
  void add(std::string_view method, std::string_view path, handler handle);
  void operator()(request what, responder answer) const;

private:
  response unknown_path(const request& what) const;

  access_policy policy_;
  std::map<std::string, std::map<std::string, handler, std::less<>>, std::less<>> routes_;
};

} // namespace tocsin::http
