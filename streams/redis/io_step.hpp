#pragma once

#include <cstddef>

namespace tocsin::redis {

/// How far one attempt to read or write got: `bytes` moved, or 0 and the direction it waits for
/// (neither: try again at once).
struct io_step {
  std::size_t bytes = 0;
  bool wants_read = false;
  bool wants_write = false;
};

} // namespace tocsin::redis
