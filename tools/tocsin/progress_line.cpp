#include "tools/tocsin/progress_line.hpp"

#include "bench/pipeline/process.hpp"
#include "tools/tocsin/output.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace tocsin {

progress_line::progress_line() : said_at_(bench::now_ms()) {}

void progress_line::say(const std::string& text) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto now = bench::now_ms();
  if (terminal && text != last_) {
    say_raw(fmt::format("\r\x1b[K{:.78}", text));
    written_ = true;
  } else if (!terminal && now - said_at_ > 30'000) {
    tocsin::say("{}\n", text);
    said_at_ = now;
  }
  last_ = text;
}

void progress_line::clear() {
  if (written_)
    say_raw("\r\x1b[K");
  written_ = false;
}

} // namespace tocsin
