#include "actors/http/answer_stream.hpp"

#include <mutex>

namespace tocsin::http {

class answer_stream {
public:
  explicit answer_stream(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool push(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    if (bytes.size() > room_locked() || ended_) {
      return false;
    }
    waiting_.append(bytes);
    knock(lock);
    return true;
  }
  std::size_t room() const {
    const std::lock_guard lock(mutex_);
    return ended_ ? 0 : room_locked();
  }
  bool over() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  bool too_slow() const {
    const std::lock_guard lock(mutex_);
    return too_slow_;
  }
  void end() {
    std::unique_lock lock(mutex_);
    ended_ = true;
    knock(lock);
  }

  void on_news(std::function<void()> wake) {
    std::unique_lock lock(mutex_);
    wake_ = std::move(wake);
    if (!waiting_.empty() || ended_) {
      knock(lock);
    }
  }
  std::string take() {
    const std::lock_guard lock(mutex_);
    knocked_ = false;
    taken_ = waiting_.size();
    return std::exchange(waiting_, {});
  }
  bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_ && waiting_.empty();
  }
  void close(bool too_slow) {
    std::function<void()> gone; // may hold the session: not under the lock
    const std::lock_guard lock(mutex_);
    too_slow_ = too_slow_ || (too_slow && !closed_);
    closed_ = true;
    gone.swap(wake_);
    waiting_ = {};
  }

private:
  std::size_t room_locked() const { return closed_ ? 0 : bytes_max_ - waiting_.size() - taken_; }
  // Calls without the lock: whoever is woken may take at once.
  void knock(std::unique_lock<std::mutex>& lock) {
    if (closed_ || !wake_ || std::exchange(knocked_, true)) {
      return;
    }
    const auto wake = wake_;
    lock.unlock();
    wake();
  }

  mutable std::mutex mutex_;
  const std::size_t bytes_max_;
  std::string waiting_;
  std::size_t taken_ = 0; // bytes on their way
  std::function<void()> wake_;
  bool knocked_ = false;
  bool ended_ = false;  // by the writer
  bool closed_ = false; // by the reader
  bool too_slow_ = false;
};

stream_writer& stream_writer::operator=(stream_writer&& other) noexcept {
  if (this != &other) {
    end();
    to_ = std::move(other.to_);
  }
  return *this;
}

bool stream_writer::push(std::string_view bytes) {
  return to_ && to_->push(bytes);
}

std::size_t stream_writer::room() const {
  return to_ ? to_->room() : 0;
}

bool stream_writer::over() const {
  return !to_ || to_->over();
}

bool stream_writer::too_slow() const {
  return to_ && to_->too_slow();
}

void stream_writer::end() {
  if (to_) {
    to_->end();
  }
}

void stream_reader::on_news(std::function<void()> wake) {
  from_->on_news(std::move(wake));
}

std::string stream_reader::take() {
  return from_->take();
}

bool stream_reader::ended() const {
  return from_->ended();
}

void stream_reader::close(bool too_slow) {
  from_->close(too_slow);
}

std::pair<stream_writer, std::shared_ptr<stream_reader>> make_stream(std::size_t bytes_max) {
  auto shared = std::make_shared<answer_stream>(bytes_max);
  return {stream_writer(shared), std::make_shared<stream_reader>(shared)};
}

} // namespace tocsin::http
