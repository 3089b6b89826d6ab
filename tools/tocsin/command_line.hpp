#pragma once

#include "config/result.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tocsin {

/// What holds for every option of every command, and CLI11 2.1 does otherwise: an empty value is
/// an error (`--host= --no-local` takes the next word), so is a word that is an option itself where
/// a value is missing; numbers are decimal whatever they begin with (0100 is octal, 0x10
/// hexadecimal); `-n=5` is `-n 5`. Rewrites the words so that CLI11 reads them like that, and says
/// in the error which option is wrong. Words that name no option are left to CLI11.
status settle_words(const CLI::App&, std::vector<std::string>& words);

} // namespace tocsin
