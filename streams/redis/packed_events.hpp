#pragma once

#include "streams/redis/message_pack.hpp"
#include "streams/redis/records.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// Events on their way into a stream, as the commit script takes them: one MessagePack array, each
/// event as what differs from the one before it: how many arguments its XADD has, or 0 for as many
/// as before; how many of them differ; their places and values. Events of one rule share most of
/// their fields, and Redis spends its time on arguments.
class packed_events {
public:
  packed_events() = default;
  packed_events(std::initializer_list<stream_entry> entries);

  /// `fields`: name, value, name, value, …; ids must rise.
  void add(stream_id id, std::span<const std::string_view> fields);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const { return list_.bytes(); }
  /// The smallest and the largest number of names and values that an event has.
  std::size_t fewest_fields() const { return fewest_; }
  std::size_t most_fields() const { return most_; }
  std::string text() const { return list_.text(); }

  /// The place of the id among the arguments, counted from 1, behind XADD and the key.
  static constexpr std::uint32_t id_place = 3;

private:
  packed_list list_;
  std::size_t size_ = 0, fewest_ = SIZE_MAX, most_ = 0;
  std::vector<std::string> last_;
  std::vector<std::uint32_t> differing_;
};

} // namespace tocsin::redis
