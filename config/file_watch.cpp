#include "config/file_watch.hpp"

#include <sys/stat.h>

namespace tocsin {

namespace {
std::int64_t to_ns(const timespec& t) {
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}
} // namespace

file_watch::file_watch(std::vector<std::string> paths)
    : paths_(std::move(paths)), known_(stamps()), last_(known_) {}

file_watch::stamp file_watch::stamp_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0)
    return {};
  return {to_ns(about.st_mtim), to_ns(about.st_ctim), about.st_dev, about.st_ino,
          static_cast<std::uint64_t>(about.st_size)};
}

std::vector<file_watch::stamp> file_watch::stamps() const {
  std::vector<stamp> all;
  for (const auto& path : paths_)
    all.push_back(stamp_of(path));
  return all;
}

bool file_watch::changed() {
  auto now = stamps();
  const bool settled = now == last_;
  last_ = std::move(now);
  if (!settled || last_ == known_)
    return false;
  known_ = last_;
  return true;
}

} // namespace tocsin
