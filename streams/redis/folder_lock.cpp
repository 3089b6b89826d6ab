#include "streams/redis/folder_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tocsin::redis {

namespace {

error unusable(const std::string& folder, const char* what) {
  return error{fmt::format("state folder {} cannot be used: {}: make it writable for this user, or "
                           "name another with --state-dir",
                           folder, what)};
}

status make_folder(const std::string& folder) {
  const auto parent = std::filesystem::path(folder).parent_path();
  std::error_code failed;
  if (!parent.empty())
    std::filesystem::create_directories(parent, failed);
  if (failed)
    return unusable(folder, failed.message().c_str());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return unusable(folder, std::strerror(errno));
  return done{};
}

std::string pid_in(const std::string& path) {
  std::ifstream in(path);
  std::string pid;
  in >> pid;
  return pid.empty() ? "unknown" : pid;
}

status write_pid(int fd) {
  const auto pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0)
    return error{std::strerror(errno)};
  return done{};
}

} // namespace

result<std::optional<owned_fd>> lock_file(const std::string& path) {
  owned_fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (fd.get() < 0)
    return error{std::strerror(errno)};
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
    return std::optional(std::move(fd));
  if (errno == EWOULDBLOCK)
    return std::optional<owned_fd>();
  return error{std::strerror(errno)};
}

bool is_file_at(const owned_fd& fd, const std::string& path) {
  struct stat ours {
  }, there{};
  return ::fstat(fd.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

result<owned_fd> take_folder(const std::string& folder) {
  if (auto s = make_folder(folder); !s)
    return s.failure();
  const auto path = folder + "/lock";
  auto lock = lock_file(path);
  if (!lock)
    return unusable(folder, lock.failure().message.c_str());
  if (!lock->has_value())
    return error{
        fmt::format("state folder {} is in use by another tocsin (pid {}): stop it, or name "
                    "another folder with --state-dir",
                    folder, pid_in(path))};
  if (auto s = write_pid((*lock)->get()); !s)
    return unusable(folder, s.failure().message.c_str());
  return std::move(**lock);
}

} // namespace tocsin::redis
