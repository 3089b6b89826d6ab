#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin::http {

/// An answer that goes on, such as a stream of events: what the writer pushes, the server sends on
/// while the client takes it. Each end may outlive the other; any thread may call anything.
///
/// 1. At most `bytes_max` wait, what is on its way to the client among them.
/// 2. Over, for both ends, once the client is gone, takes nothing for too long, or the server
///    stops; and, when what waits was taken, once the writer has ended it or is gone.
class answer_stream;

/// The end of whoever has something to say.
class stream_writer {
public:
  stream_writer() = default;
  explicit stream_writer(std::shared_ptr<answer_stream> to) : to_(std::move(to)) {}
  stream_writer(stream_writer&&) noexcept = default;
  stream_writer& operator=(stream_writer&&) noexcept;
  ~stream_writer() { end(); }

  /// All of it or, where there is no room or it is over, nothing: false then.
  bool push(std::string_view bytes);
  /// How many bytes may be pushed now; 0 when it is over.
  std::size_t room() const;
  /// Nobody will take anything any more.
  bool over() const;
  /// It is over because the client took nothing for too long.
  bool too_slow() const;
  /// Nothing more comes.
  void end();

private:
  std::shared_ptr<answer_stream> to_;
};

/// The server's end. Gone, it is over.
class stream_reader {
public:
  explicit stream_reader(std::shared_ptr<answer_stream> from) : from_(std::move(from)) {}
  stream_reader(const stream_reader&) = delete;
  stream_reader& operator=(const stream_reader&) = delete;
  ~stream_reader() { close(false); }

  /// `wake` is called, from whoever pushes, when there is something to take or the writer has ended
  /// it: once, until take() was called. At once if that is so already.
  void on_news(std::function<void()> wake);
  /// What waits. It counts as waiting until the next call.
  std::string take();
  /// The writer has ended it, and all was taken.
  bool ended() const;
  void close(bool too_slow);

private:
  std::shared_ptr<answer_stream> from_;
};

std::pair<stream_writer, std::shared_ptr<stream_reader>> make_stream(std::size_t bytes_max);

} // namespace tocsin::http
