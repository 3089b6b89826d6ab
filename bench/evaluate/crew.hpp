#pragma once

#include <barrier>
#include <functional>
#include <thread>
#include <vector>

namespace tocsin::evaluate {

/// Threads that do the same work side by side, each for its share: number i of n.
class crew {
public:
  using work = std::function<void(std::size_t member, std::size_t members)>;

  explicit crew(std::size_t members)
      : members_(members), start_(static_cast<std::ptrdiff_t>(members)),
        done_(static_cast<std::ptrdiff_t>(members)) {
    for (std::size_t i = 1; i < members; ++i)
      threads_.emplace_back([this, i] { serve(i); });
  }
  ~crew() {
    stopping_ = true;
    start_.arrive_and_wait();
    for (auto& t : threads_)
      t.join();
  }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  std::size_t members() const { return members_; }

  /// Returns when all have done their share; the caller is member 0.
  void run(const work& w) {
    work_ = &w;
    start_.arrive_and_wait();
    w(0, members_);
    done_.arrive_and_wait();
  }

private:
  void serve(std::size_t i) {
    for (;;) {
      start_.arrive_and_wait();
      if (stopping_)
        return;
      (*work_)(i, members_);
      done_.arrive_and_wait();
    }
  }
  std::size_t members_;
  std::barrier<> start_, done_;
  const work* work_ = nullptr;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace tocsin::evaluate
