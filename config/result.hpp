#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace tocsin {

/// An error as people read it: what went wrong, where, and what to do about it.
struct error {
  std::string message;
};

/// A value or the reason why there is none. g++ 12 has no std::expected; this is the small part
/// of it that Tocsin needs. Errors are values everywhere below actors/.
template <class T, class E = error>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(E err) : state_(std::in_place_index<1>, std::move(err)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  T& value() & { return assert(ok()), *std::get_if<0>(&state_); }
  const T& value() const& { return assert(ok()), *std::get_if<0>(&state_); }
  T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const E& failure() const { return assert(!ok()), *std::get_if<1>(&state_); }

private:
  std::variant<T, E> state_;
};

/// The result of something done for its effect.
struct done {};
using status = result<done>;

} // namespace tocsin
