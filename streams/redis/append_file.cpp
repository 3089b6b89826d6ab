#include "streams/redis/append_file.hpp"

#include "streams/process/owned_fd.hpp"
#include "streams/redis/append_scan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace tocsin::redis {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t copies_max = 8;
constexpr const char* cut_mark = ".cut-at-";

// The file that Redis would append to: the last of its manifest (Redis 7), or the only one.
std::optional<fs::path> last_file(const fs::path& folder) {
  const auto in = folder / "appendonlydir";
  std::ifstream manifest(in / "appendonly.aof.manifest");
  std::optional<fs::path> last;
  for (std::string line; std::getline(manifest, line);) {
    std::istringstream words(line);
    std::string file, name, seq, number, type, kind;
    // Base and increments, in the order in which they are loaded; history is not.
    if (words >> file >> name >> seq >> number >> type >> kind && kind != "h")
      last = in / name;
  }
  if (!last && fs::is_regular_file(folder / "appendonly.aof"))
    last = folder / "appendonly.aof";
  return last && fs::is_regular_file(*last) ? last : std::nullopt;
}

error cannot(const fs::path& what) {
  return error{fmt::format("{} cannot be mended: {}", what.string(), std::strerror(errno))};
}

struct unmapping {
  std::size_t size;
  void operator()(void* p) const { ::munmap(p, size); }
};

status write_all(int fd, std::string_view bytes, const fs::path& name) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR)
      return cannot(name);
    bytes.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0 ? status(done{}) : cannot(name);
}

// The oldest copies go.
void forget_copies(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> copies;
  std::error_code ignored;
  for (const auto& e : fs::directory_iterator(folder, ignored))
    if (e.path().filename().string().find(cut_mark) != std::string::npos)
      copies.emplace_back(e.last_write_time(ignored), e.path());
  std::sort(copies.rbegin(), copies.rend());
  for (std::size_t i = copies_max; i < copies.size(); ++i)
    fs::remove(copies[i].second, ignored);
}

result<fs::path> keep_copy(const fs::path& folder, const fs::path& of, std::size_t at,
                           std::string_view bytes) {
  const auto path = folder / fmt::format("{}{}{}", of.filename().string(), cut_mark, at);
  const owned_fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd.get() < 0)
    return cannot(path);
  if (auto s = write_all(fd.get(), bytes, path); !s)
    return s.failure();
  const owned_fd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() < 0 || ::fsync(dir.get()) != 0)
    return cannot(folder);
  forget_copies(folder);
  return path;
}

std::string what_it_is(std::string_view tail, std::size_t readable) {
  if (readable == tail.size())
    return "a transaction without its end, as a power cut leaves it";
  if (tail.find_first_not_of('\0', readable) == std::string_view::npos)
    return "an unfinished write and zeros, as file systems leave them after a power cut";
  return "an unfinished write, as a power cut leaves it";
}

error damaged(const fs::path& file, std::size_t size, const append_scan& s) {
  return error{fmt::format(
      "{} is damaged at byte {} of {}, and goes on at byte {}: it is left as it is, for what "
      "follows was acknowledged. Put a backup of the folder back. Without one: copy the folder, "
      "then `redis-check-aof --fix {}` keeps what stands before the damage and gives up the rest",
      file.string(), s.readable, size, *s.goes_on,
      fs::exists(file.parent_path() / "appendonly.aof.manifest")
          ? (file.parent_path() / "appendonly.aof.manifest").string()
          : file.string())};
}

} // namespace

result<std::optional<std::string>> mend_append_file(const std::string& folder) {
  const auto file = last_file(folder);
  std::error_code failed;
  const auto size = file ? fs::file_size(*file, failed) : 0;
  if (size == 0)
    return std::optional<std::string>();
  const owned_fd fd(::open(file->c_str(), O_RDWR | O_CLOEXEC));
  if (fd.get() < 0)
    return cannot(*file);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED)
    return cannot(*file);
  const std::unique_ptr<void, unmapping> mapping(mapped, {size});
  const std::string_view bytes(static_cast<const char*>(mapped), size);
  const auto scan = scan_append_file(bytes);
  if (scan.goes_on)
    return damaged(*file, size, scan);
  if (scan.good == size)
    return std::optional<std::string>();
  const auto tail = bytes.substr(scan.good);
  const auto what = what_it_is(tail, scan.readable - scan.good);
  const auto copy = keep_copy(folder, *file, scan.good, tail);
  if (!copy)
    return copy.failure();
  if (::ftruncate(fd.get(), static_cast<off_t>(scan.good)) != 0 || ::fsync(fd.get()) != 0)
    return cannot(*file);
  return std::optional(fmt::format("the last {} bytes of {} were cut off, behind byte {}: {}. They "
                                   "are kept as {}",
                                   tail.size(), file->string(), scan.good, what, copy->string()));
}

} // namespace tocsin::redis
