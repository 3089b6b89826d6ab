#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::redis {

/// Writes one MessagePack array of strings, the form in which scripts take lists. Strings may hold
/// any bytes.
class packed_list {
public:
  void add(std::string_view text) {
    ++size_;
    body_.push_back(static_cast<char>(0xdb)); // str 32
    put_u32(body_, static_cast<std::uint32_t>(text.size()));
    body_.append(text);
  }
  std::uint32_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return body_.size(); }

  std::string text() const {
    std::string out(1, static_cast<char>(0xdd)); // array 32
    put_u32(out, size_);
    return out.append(body_);
  }

private:
  static void put_u32(std::string& out, std::uint32_t n) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<char>(n >> shift & 0xffU));
  }

  std::string body_;
  std::uint32_t size_ = 0;
};

} // namespace tocsin::redis
