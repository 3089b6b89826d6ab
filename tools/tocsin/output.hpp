#pragma once

#include "config/result.hpp"

#include <fmt/format.h>
#include <string_view>

namespace tocsin {

// What commands write. Whatever names it holds, it is safe to show on a terminal (safe_lines).
// Nothing here throws: that a stream took less than it was given is remembered, and
// finish_output() says so. One thread at a time.

/// Before anything is opened: a standard stream that is closed is put in place such that writing
/// to it fails, rather than to the file that would get its number.
void keep_standard_streams();

/// Standard output: for programs, and what was asked for. JSON stays JSON.
void put_text(std::string_view);
template <class... Args>
void put(fmt::format_string<Args...> form, Args&&... args) {
  put_text(fmt::format(form, std::forward<Args>(args)...));
}

/// Standard error: for people.
void say_text(std::string_view);
template <class... Args>
void say(fmt::format_string<Args...> form, Args&&... args) {
  say_text(fmt::format(form, std::forward<Args>(args)...));
}

/// The same as it is: text that drives the terminal on purpose.
void say_raw(std::string_view);

/// Says "tocsin COMMAND: why", and gives the exit code.
int fail(std::string_view command, const error& why, int exit_code);

/// Hands on what standard output still holds.
void flush_output();

/// Whether something was lost: what goes on and on may end then.
bool output_failed();

/// To be called last, with what the program would end with. Where output was lost it says so, and
/// gives exit_failure.
int finish_output(int exit_code);

} // namespace tocsin
