#include "streams/sample/name_dictionary.hpp"

#include "config/keyed_hash.hpp"

#include <algorithm>

namespace tocsin {

std::uint32_t name_dictionary::add(std::string_view name) {
  if (ends_.size() * 2 >= slots_.size())
    grow();
  const auto hash = static_cast<std::uint32_t>(name_hash(name));
  const auto mask = slots_.size() - 1;
  auto i = hash & mask;
  for (; slots_[i].number != 0; i = (i + 1) & mask)
    if (slots_[i].hash == hash && (*this)[slots_[i].number - 1] == name)
      return slots_[i].number - 1;
  text_ += name;
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  slots_[i] = {hash, static_cast<std::uint32_t>(ends_.size())};
  return slots_[i].number - 1;
}

void name_dictionary::clear() {
  text_.clear();
  ends_.clear();
  std::fill(slots_.begin(), slots_.end(), slot{});
}

void name_dictionary::grow() {
  const auto before = std::move(slots_);
  slots_.assign(std::max<std::size_t>(before.size() * 2, 16), slot{});
  const auto mask = slots_.size() - 1;
  for (const auto& s : before) {
    if (s.number == 0)
      continue;
    auto i = s.hash & mask;
    while (slots_[i].number != 0)
      i = (i + 1) & mask;
    slots_[i] = s;
  }
}

} // namespace tocsin
