#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Numbers names in the order in which they come. Keeps its memory when it is cleared.
class name_dictionary {
public:
  /// The number of a name; a new one if need be.
  std::uint32_t add(std::string_view name);
  void clear();

  std::size_t size() const { return ends_.size(); }
  /// Valid until the next add().
  std::string_view operator[](std::size_t i) const {
    const auto begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  /// Memory that the names take, about.
  std::size_t bytes() const {
    return text_.size() + ends_.size() * sizeof ends_[0] + slots_.size() * sizeof slots_[0];
  }
  /// All names, one behind the other.
  std::string_view text() const { return text_; }

private:
  struct slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0; // plus one; 0: free
  };
  void grow();

  std::string text_;
  std::vector<std::uint32_t> ends_;
  std::vector<slot> slots_; // a power of two, at most half full
};

} // namespace tocsin
