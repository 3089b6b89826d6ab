#pragma once

#include <string_view>

namespace tocsin {

/// The first argument with which this program is a keeper; then a path, and the words to run it
/// with.
inline constexpr std::string_view keeper_word = "keep-children";

/// Runs a program, and ends with it all that it started, whatever process group or session that
/// went into: what loses its parent becomes a child of the keeper. All of main(); of one thread.
///
/// 1. It ends when the program does, or at SIGTERM; when it is killed, so is the program.
/// 2. Descriptors and environment are handed on.
/// 3. It returns the exit code; where a signal ended the program, the keeper ends by the same.
/// 4. What runs as another user cannot be ended and is left.
int keep_children(char** words);

} // namespace tocsin
