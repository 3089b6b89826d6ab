#pragma once

#include "streams/redis/connection.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// A Lua script, run by its hash and sent whole only where Redis does not know it. Immutable.
class script {
public:
  explicit script(std::string_view source);

  /// One run; an error reply is a failure.
  result<reply> run(connection& c, std::span<const std::string_view> keys,
                    std::span<const std::string_view> args) const;

  /// For pipelines: load it once on a connection, then append runs of it.
  status load(connection& c) const;
  void append_to(connection& c, std::span<const std::string_view> keys,
                 std::span<const std::string_view> args) const;

  const std::string& sha1() const noexcept { return sha1_; }

private:
  std::vector<std::string_view> words_of(std::string_view key_count,
                                         std::span<const std::string_view> keys,
                                         std::span<const std::string_view> args) const;

  std::string source_;
  std::string sha1_;
};

} // namespace tocsin::redis
