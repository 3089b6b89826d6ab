#include "streams/redis/commit_sender.hpp"

#include "streams/redis/partition_state.hpp"

namespace tocsin::redis {

void commit_sender::finish_oldest() {
  parts_.pop_front();
  ++done_;
}

// The parts that progress says are done.
result<std::size_t> commit_sender::drop_done(connection& c) {
  const auto progress = load_progress(c, keys_);
  if (!progress)
    return progress.failure();
  std::size_t done = 0;
  for (std::size_t i = 0; i < parts_.size() && *progress; ++i)
    if (parts_[i].part.next == **progress)
      done = i + 1;
  for (std::size_t i = 0; i < done; ++i)
    finish_oldest();
  return done;
}

// Takes the answers that are still to come, so that the connection is free.
void commit_sender::pass_over(connection& c) {
  for (; sent_ > 0; --sent_)
    if (c.broken() || !receive_commit(c))
      continue;
  doubtful_ = true;
}

status commit_sender::send(connection& c, std::int64_t now_ms) {
  if (doubtful_) {
    if (auto s = load_commit(c); !s)
      return s;
    if (auto done = drop_done(c); !done)
      return done.failure();
    doubtful_ = false;
  }
  for (; sent_ < parts_.size(); ++sent_) {
    parts_[sent_].sent_ms = now_ms;
    if (auto s = send_commit(c, keys_, parts_[sent_].part); !s) {
      pass_over(c);
      return s;
    }
  }
  return done{};
}

result<commit_outcome> commit_sender::await(connection& c) {
  if (parts_.empty())
    return commit_outcome::committed; // send() found that all are done
  const auto answer = receive_commit(c);
  --sent_;
  if (!answer) {
    pass_over(c);
    return answer.failure();
  }
  if (*answer == commit_outcome::committed || *answer == commit_outcome::duplicate) {
    answered_ms_ = parts_.front().sent_ms;
    finish_oldest();
    return commit_outcome::committed;
  }
  pass_over(c);
  if (*answer == commit_outcome::fenced)
    return commit_outcome::fenced;
  const auto done = drop_done(c);
  if (!done)
    return done.failure();
  return *done > 0 ? commit_outcome::committed : commit_outcome::lost;
}

} // namespace tocsin::redis
