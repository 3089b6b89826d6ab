#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::redis {

/// Numbers and strings in MessagePack, in their shortest forms; strings may hold any bytes.
inline void put_big_endian(std::string& out, std::uint32_t n, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(n >> shift & 0xffU));
}
inline void put_packed(std::string& out, std::uint32_t n) {
  if (n >= 0x80)
    out.push_back(static_cast<char>(0xce)); // uint 32
  put_big_endian(out, n, n < 0x80 ? 1 : 4);
}
inline void put_packed(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  if (size < 0x20) {
    out.push_back(static_cast<char>(0xa0 | size));
  } else if (size < 0x100) {
    out.push_back(static_cast<char>(0xd9));
    put_big_endian(out, size, 1);
  } else {
    out.push_back(static_cast<char>(0xdb));
    put_big_endian(out, size, 4);
  }
  out.append(text);
}

/// Writes one MessagePack array, the form in which scripts take lists.
class packed_list {
public:
  template <class T>
  void add(const T& value) {
    ++size_;
    put_packed(body_, value);
  }
  std::uint32_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return body_.size(); }

  std::string text() const {
    std::string out(1, static_cast<char>(0xdd)); // array 32
    put_big_endian(out, size_, 4);
    return out.append(body_);
  }

private:
  std::string body_;
  std::uint32_t size_ = 0;
};

} // namespace tocsin::redis
