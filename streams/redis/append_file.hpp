#pragma once

#include "config/result.hpp"

#include <optional>
#include <string>

namespace tocsin::redis {

/// Prepares the append-only file in the folder of a Redis that does not run, and on which nobody
/// else starts one: an end that a power cut left unfinished is cut off. Gives what was done, for
/// the operator; nothing where the file is whole or absent. An error says how to get out.
///
/// 1. What is left ends behind a whole command and in no transaction. (Redis by itself drops the
///    commands of an unfinished transaction and leaves its MULTI in the file: what is written next
///    lands behind that, and the load after the next one executes the half that was dropped.)
/// 2. So does an end of zeros or of bytes that are no commands, as file systems leave them.
/// 3. What is cut is kept in the folder first, as FILE.cut-at-OFFSET: the newest 8 of them.
/// 4. Damage with whole commands behind it is an error, and nothing is touched: what follows was
///    acknowledged.
/// 5. Everything is on disk before this returns.
result<std::optional<std::string>> mend_append_file(const std::string& folder);

} // namespace tocsin::redis
