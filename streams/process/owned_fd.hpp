#pragma once

namespace tocsin {

/// A descriptor that it owns and closes.
class owned_fd {
public:
  owned_fd() noexcept = default;
  explicit owned_fd(int fd) noexcept : fd_(fd) {}
  owned_fd(owned_fd&& other) noexcept;
  owned_fd& operator=(owned_fd&& other) noexcept;
  ~owned_fd();
  int get() const noexcept { return fd_; }
  void close() noexcept;

private:
  int fd_ = -1;
};

} // namespace tocsin
