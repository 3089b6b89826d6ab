#pragma once

#include "actors/http/address.hpp"
#include "actors/http/message.hpp"
#include "actors/http/token.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tocsin::http {

/// Who may do what.
struct access_policy {
  /// With any token here, every route that is not open needs one that gives its right.
  std::vector<access_token> tokens = {};
  /// Set where the server listens on loopback without a token: only requests to a loopback name
  /// are answered then, so that no web page can reach the server through a name of its own.
  bool loopback_names_only = false;
  /// Pages from there may ask, and read the answers (CORS); as read_origin() gives them.
  std::vector<std::string> origins = {};
};

/// The policy in force. Any thread may ask, while another replaces it.
class live_access {
public:
  explicit live_access(access_policy policy) { replace(std::move(policy)); }
  std::shared_ptr<const access_policy> now() const {
    const std::lock_guard lock(mutex_);
    return policy_;
  }
  void replace(access_policy policy) {
    auto next = std::make_shared<const access_policy>(std::move(policy));
    const std::lock_guard lock(mutex_);
    policy_.swap(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const access_policy> policy_;
};

enum class access {
  allowed,
  token_missing,
  token_wrong,
  right_missing,
  foreign_origin,
  foreign_host
};

/// Decides about one request to a route that needs this right; pure.
///
/// 1. What is open is allowed.
/// 2. With tokens, everything else needs `Authorization: Bearer TOKEN`. How long the answer takes
///    does not tell which token was nearly right: all are compared, as digests.
/// 3. Without, a request that a browser sends for another site is refused: a page that the operator
///    happens to read must neither write samples nor keep the server busy. It is for another site
///    where `Origin` differs from `Host`, and is none of `origins`; or, since images, scripts and
///    links come without an `Origin`, where `Sec-Fetch-Site` says so.
access access_decision(const access_policy& policy, const request& what, right needed);

/// The answer to a request that is not allowed.
response to_response(access why, right needed);

/// An error unless only this machine can reach `listen`, or there is a token, or the operator said
/// that nothing is needed. The message says which three things help.
status require_token_unless_loopback(const listen_address& listen, bool have_token, bool insecure);

} // namespace tocsin::http
