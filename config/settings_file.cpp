#include "config/json_document.hpp"
#include "config/read_settings.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

extern char** environ;

namespace tocsin {

namespace {

result<std::string> read_whole_file(const std::string& path) {
  const auto failed = [] { return error{fmt::format("cannot be read: {}", std::strerror(errno))}; };
  struct ::stat about {};
  if (::stat(path.c_str(), &about) != 0)
    return errno == ENOENT ? error{"there is no such file"} : failed();
  if (S_ISDIR(about.st_mode))
    return error{"this is a folder, not a file"};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (!file)
    return failed();
  // One byte more than is read elsewhere, so that a file that is too large shows as such; a pipe
  // or a file that grows is bounded too.
  std::string text;
  constexpr std::size_t chunk_bytes = std::size_t{1} << 16;
  while (text.size() <= json_document::text_bytes_max) {
    const auto before = text.size();
    text.resize(before + chunk_bytes);
    const auto got = std::fread(text.data() + before, 1, chunk_bytes, file.get());
    text.resize(before + got);
    if (got == 0)
      break;
  }
  if (std::ferror(file.get()) != 0)
    return failed();
  return text;
}

} // namespace

file_source files_beside(const std::string& config_path) {
  const auto folder = std::filesystem::path(config_path).parent_path();
  return [folder](const std::string& path) -> result<named_file> {
    named_file out;
    out.path = (folder / path).string();
    auto text = read_whole_file(out.path);
    if (!text)
      return text.failure();
    struct ::stat about {};
    out.open_to_others =
        ::stat(out.path.c_str(), &about) == 0 && (about.st_mode & (S_IRGRP | S_IROTH)) != 0;
    out.text = std::move(*text);
    return out;
  };
}

environment process_environment() {
  environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos)
      out.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return out;
}

settings_report read_settings_file(const std::string& path, const environment& env, purpose why) {
  const auto text = read_whole_file(path);
  if (text)
    return read_settings(*text, path, env, why,
                         why == purpose::serve ? files_beside(path) : file_source{});
  settings_report out;
  out.problems.push_back({.file = path, .pointer = "", .message = text.failure().message});
  out.found = 1;
  return out;
}

} // namespace tocsin
