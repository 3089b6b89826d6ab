#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tocsin {

/// Keeps the memory of one list for the next: a list of millions comes from the system page by
/// page, each cleared first, which takes longer than filling it. Any thread.
///
/// 1. One list is kept, of at most `bytes_max`.
/// 2. One that was filled to less than a quarter is not: what a storm needed is given back.
template <class T>
class spare_list {
public:
  static constexpr std::size_t bytes_max = std::size_t{256} << 20;

  /// An empty list, with what room there is.
  std::vector<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(kept_, {});
  }
  void put(std::vector<T>&& list) {
    if (list.capacity() > bytes_max / sizeof(T) || list.size() < list.capacity() / 4)
      return;
    list.clear();
    const std::lock_guard lock(mutex_);
    if (list.capacity() > kept_.capacity())
      kept_.swap(list);
  }

private:
  std::mutex mutex_;
  std::vector<T> kept_;
};

/// A list that gives its memory back to where it has it from. Moved, never copied.
template <class T>
class borrowed_list {
public:
  borrowed_list() = default;
  explicit borrowed_list(std::shared_ptr<spare_list<T>> from)
      : from_(std::move(from)), list_(from_->take()) {}
  ~borrowed_list() {
    if (from_)
      from_->put(std::move(list_));
  }
  borrowed_list(borrowed_list&&) noexcept = default;
  borrowed_list& operator=(borrowed_list&& other) noexcept {
    std::swap(from_, other.from_);
    std::swap(list_, other.list_);
    return *this;
  }

  std::vector<T>& operator*() noexcept { return list_; }
  const std::vector<T>& operator*() const noexcept { return list_; }
  std::vector<T>* operator->() noexcept { return &list_; }
  const std::vector<T>* operator->() const noexcept { return &list_; }

private:
  std::shared_ptr<spare_list<T>> from_;
  std::vector<T> list_;
};

} // namespace tocsin
