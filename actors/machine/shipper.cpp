#include "actors/machine/shipper.hpp"

#include <algorithm>
#include <cassert>

namespace tocsin {

verdict_on_batch judge(const server_answer& answer) {
  if (answer.status == 202) {
    return verdict_on_batch::taken; // no other 2xx: a proxy's login page is no promise
  }
  if (answer.status == 413) {
    return verdict_on_batch::too_large;
  }
  if (answer.status < 400 || answer.status > 499) {
    return verdict_on_batch::elsewhere;
  }
  if (answer.status == 400 && answer.text.find("\"tls-needed\"") != std::string::npos) {
    return verdict_on_batch::elsewhere; // the URL should begin with https://
  }
  switch (answer.status) {
  case 401:
  case 403:
  case 407: // the token, which the operator can mend
  case 404:
  case 405:
  case 415:
  case 421: // the URL: this is no Tocsin
  case 408:
  case 425:
  case 429: // the time
    return verdict_on_batch::elsewhere;
  default:
    return verdict_on_batch::refused;
  }
}

shipper::shipper(std::size_t servers, std::size_t backlog_capacity)
    : backlog_(backlog_capacity), not_before_ms_(servers, 0) {
  assert(servers > 0);
}

void shipper::push(std::string line) {
  backlog_.push(std::move(line));
  rest_until_ms_ = 0;
}

std::optional<shipper::attempt> shipper::next(std::int64_t now_ms) {
  assert(!pending_);
  if (backlog_.empty() || now_ms < rest_until_ms_) {
    return std::nullopt;
  }
  for (std::size_t tried = 0; tried < not_before_ms_.size(); ++tried) {
    const std::size_t server = (server_ + tried) % not_before_ms_.size();
    if (not_before_ms_[server] <= now_ms) {
      server_ = server;
      pending_ = attempt{server, backlog_.oldest(lines_max_)};
      return pending_;
    }
  }
  return std::nullopt;
}

verdict_on_batch shipper::answered(std::int64_t now_ms, const server_answer& answer) {
  assert(pending_);
  const attempt sent = *std::exchange(pending_, std::nullopt);
  const std::size_t lines = sent.batch.lines();
  const verdict_on_batch verdict = judge(answer);
  if (verdict == verdict_on_batch::elsewhere) {
    move_on(now_ms, answer);
    return verdict;
  }
  failed_in_turn_ = 0;
  if (verdict == verdict_on_batch::too_large && lines > 1) {
    lines_max_ = lines / 2;
    return verdict;
  }
  backlog_.remove_before(sent.batch.end);
  if (verdict == verdict_on_batch::taken) {
    delivered_ += lines;
    if (backlog_.empty()) {
      lines_max_ = batch_lines_max;
    }
  } else {
    refused_ += lines;
  }
  return verdict;
}

void shipper::move_on(std::int64_t now_ms, const server_answer& answer) {
  if (answer.retry_after_ms) {
    not_before_ms_[server_] = now_ms + std::min(*answer.retry_after_ms, asked_longest_ms);
  }
  server_ = (server_ + 1) % not_before_ms_.size();
  if (++failed_in_turn_ >= not_before_ms_.size()) {
    failed_in_turn_ = 0;
    rest_until_ms_ = now_ms + retry_rest_ms;
  }
}

std::optional<std::int64_t> shipper::wake_ms() const {
  if (backlog_.empty()) {
    return std::nullopt;
  }
  return std::max(rest_until_ms_, *std::min_element(not_before_ms_.begin(), not_before_ms_.end()));
}

void shipper::hurry() {
  rest_until_ms_ = 0;
  failed_in_turn_ = 0;
  std::fill(not_before_ms_.begin(), not_before_ms_.end(), 0);
}

} // namespace tocsin
