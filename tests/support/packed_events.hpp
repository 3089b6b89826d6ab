#pragma once

#include "streams/redis/packed_events.hpp"

#include <gtest/gtest.h>

namespace tocsin::test {

/// Reads what packed_events wrote, as the commit script does.
class packed_reader {
public:
  explicit packed_reader(std::string text) : text_(std::move(text)) {}

  std::vector<redis::stream_entry> entries() {
    std::vector<redis::stream_entry> out;
    std::vector<std::string> args;
    byte();
    big_endian(4); // the array and its size
    while (at_ < text_.size()) {
      if (const auto size = number(); size > 0)
        args.assign(size, {});
      for (auto n = number(); n > 0; --n) {
        const auto place = number();
        args.at(place - 1) = string();
      }
      redis::stream_entry e;
      e.id = *redis::stream_id::parse(args.at(2));
      for (std::size_t i = 3; i + 1 < args.size(); i += 2)
        e.fields.emplace_back(args[i], args[i + 1]);
      out.push_back(std::move(e));
    }
    return out;
  }

private:
  std::size_t byte() { return static_cast<unsigned char>(text_.at(at_++)); }
  std::size_t big_endian(int bytes) {
    std::size_t n = 0;
    while (bytes-- > 0)
      n = n << 8 | byte();
    return n;
  }
  std::size_t number() {
    const auto b = byte();
    return b == 0xce ? big_endian(4) : b;
  }
  std::string string() {
    const auto b = byte();
    const auto size = b == 0xd9 ? byte() : b == 0xdb ? big_endian(4) : b & 0x1f;
    at_ += size;
    return text_.substr(at_ - size, size);
  }

  std::string text_;
  std::size_t at_ = 0;
};

inline std::vector<redis::stream_entry> entries_of(const redis::packed_events& events) {
  return packed_reader(events.text()).entries();
}

} // namespace tocsin::test
