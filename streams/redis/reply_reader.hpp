#pragma once

#include "config/result.hpp"
#include "streams/redis/reply.hpp"

#include <memory>
#include <optional>
#include <string_view>

struct redisReader;

namespace tocsin::redis {

/// Cuts a stream of bytes into replies, with hiredis's parser building our values in place.
/// After an error it is of no more use.
class reply_reader {
public:
  /// Arrays of more elements are refused, rather than believed and allocated.
  static constexpr std::size_t array_elements_max = std::size_t{16} << 20;

  reply_reader();
  ~reply_reader();
  reply_reader(reply_reader&&) noexcept;
  reply_reader& operator=(reply_reader&&) noexcept;

  status feed(std::string_view bytes);
  /// The next whole reply; nothing when more bytes are needed.
  result<std::optional<reply>> next();

private:
  struct release {
    void operator()(redisReader* r) const noexcept;
  };
  std::unique_ptr<redisReader, release> reader_;
};

} // namespace tocsin::redis
