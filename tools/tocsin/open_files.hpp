#pragma once

#include <sys/resource.h>

namespace tocsin {

/// Raises how many files and connections this process may have open to what it may raise it to:
/// shells and containers give 1,024 by custom, not for a reason.
inline void raise_open_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max)
    return;
  files.rlim_cur = files.rlim_max;
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &files));
}

} // namespace tocsin
