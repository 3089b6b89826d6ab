#include "tools/tocsin/agent_token.hpp"

#include <spdlog/spdlog.h>

namespace tocsin {

result<agent_token> agent_token::read(std::string file, const char* environment) {
  agent_token out(std::move(file)); // watches before it reads: no change is missed
  auto token = http::read_token(out.file_, environment);
  if (!token)
    return token.failure();
  out.token_ = std::move(*token);
  return out;
}

std::string agent_token::now() {
  if (!file_.empty() && watch_.changed()) {
    auto token = http::read_token(file_, nullptr);
    if (token) {
      token_ = std::move(*token);
      spdlog::info("agent: {} has changed: its token is in use", file_);
    } else {
      spdlog::warn("agent: {}; the token from before stays in use", token.failure().message);
    }
  }
  return token_ ? token_->reveal() : std::string();
}

} // namespace tocsin
