#include "tools/tocsin/output.hpp"

#include "config/safe_text.hpp"
#include "tools/tocsin/commands.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace tocsin {

namespace {

// Why a stream lost something; 0: it did not.
int out_errno = 0;
int err_errno = 0;

void write_to(std::FILE* stream, std::string_view text, int& why) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stream) != text.size() && why == 0)
    why = errno != 0 ? errno : EIO;
}

void flush(std::FILE* stream, int& why) {
  errno = 0;
  if ((std::fflush(stream) != 0 || std::ferror(stream) != 0) && why == 0)
    why = errno != 0 ? errno : EIO;
}

} // namespace

void keep_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      // Takes the lowest free number, which is this one. Reading from 0 and writing to the others
      // fails with EBADF, as it would have.
      static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

void put_text(std::string_view text) {
  write_to(stdout, safe_lines(text), out_errno);
}

void say_text(std::string_view text) {
  write_to(stderr, safe_lines(text), err_errno);
}

void say_raw(std::string_view text) {
  write_to(stderr, text, err_errno);
}

int fail(std::string_view command, const error& why, int exit_code) {
  say("tocsin {}: {}\n", command, why.message);
  return exit_code;
}

void flush_output() {
  flush(stdout, out_errno);
}

bool output_failed() {
  return out_errno != 0 || err_errno != 0;
}

int finish_output(int exit_code) {
  flush(stdout, out_errno);
  if (out_errno != 0)
    say("tocsin: standard output cannot be written: {}; what stands there is not whole\n",
        std::strerror(out_errno));
  return output_failed() ? exit_failure : exit_code;
}

} // namespace tocsin
