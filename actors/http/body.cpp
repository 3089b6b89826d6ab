#include "actors/http/body.hpp"

#include "config/spelling.hpp"

#include <algorithm>
#include <climits>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace tocsin::http {

namespace {

constexpr std::size_t first_guess_bytes = 64u << 10;

refusal corrupt(std::string_view encoding, std::string_view why) {
  return {400, "bad-encoding", fmt::format("the body is no valid {}: {}", encoding, why)};
}

refusal too_large(std::size_t bytes_max) {
  return {413, "too-large",
          fmt::format("the body is larger than {} bytes after decompression; send it in parts",
                      bytes_max)};
}

// Text that grows by doubling, to one byte above the limit at most: that byte tells "too large"
// from "exactly full".
class bounded_text {
public:
  explicit bounded_text(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Makes room for more; false where the limit is passed.
  bool grow() {
    if (used_ > bytes_max_) {
      return false;
    }
    if (used_ == text_.size()) {
      text_.resize(std::min(std::max(text_.size() * 2, first_guess_bytes), bytes_max_ + 1));
    }
    return true;
  }
  char* free_place() { return text_.data() + used_; }
  std::size_t free_bytes() const { return text_.size() - used_; }
  void add(std::size_t n) { used_ += n; }
  bool passed() const { return used_ > bytes_max_; }
  std::string take() { return text_.resize(used_), std::move(text_); }

private:
  std::size_t bytes_max_;
  std::size_t used_ = 0;
  std::string text_;
};

struct inflate_state {
  z_stream stream{};
  bool ready = inflateInit2(&stream, 15 + 16) == Z_OK; // 16: gzip only, no raw zlib
  ~inflate_state() { inflateEnd(&stream); }
};

result<std::string, refusal> gunzip(std::string_view body, std::size_t bytes_max) {
  inflate_state state;
  if (!state.ready || body.size() > UINT_MAX) {
    return refusal{503, "overloaded", "no memory to decompress the body"};
  }
  z_stream& z = state.stream;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  z.avail_in = static_cast<uInt>(body.size());
  bounded_text text(bytes_max);
  for (;;) {
    if (!text.grow()) {
      return too_large(bytes_max);
    }
    const auto room = static_cast<uInt>(std::min<std::size_t>(text.free_bytes(), UINT_MAX));
    z.next_out = reinterpret_cast<Bytef*>(text.free_place());
    z.avail_out = room;
    const int outcome = inflate(&z, Z_NO_FLUSH);
    text.add(room - z.avail_out);
    if (outcome == Z_STREAM_END) {
      if (z.avail_in == 0) {
        break;
      }
      if (inflateReset(&z) != Z_OK) { // a further member follows
        return corrupt("gzip", "a member cannot be read");
      }
    } else if (outcome != Z_OK && (outcome != Z_BUF_ERROR || z.avail_in == 0)) {
      return corrupt("gzip", outcome == Z_BUF_ERROR ? "it is truncated"
                             : z.msg != nullptr     ? z.msg
                                                    : "it cannot be read");
    } else if (z.avail_in == 0 && z.avail_out != 0) {
      return corrupt("gzip", "it is truncated");
    }
  }
  if (text.passed()) {
    return too_large(bytes_max);
  }
  return text.take();
}

// The size that the one frame of this body says it unpacks to; nothing where there are several, or
// where it does not say.
std::optional<std::uint64_t> announced_size(std::string_view body) {
  const auto said = ZSTD_getFrameContentSize(body.data(), body.size());
  const auto frame = ZSTD_findFrameCompressedSize(body.data(), body.size());
  const bool known = said != ZSTD_CONTENTSIZE_UNKNOWN && said != ZSTD_CONTENTSIZE_ERROR;
  return known && frame == body.size() ? std::optional<std::uint64_t>(said) : std::nullopt;
}

// At once, into room for the largest text: then what was unpacked serves as the window, and of the
// up to 2 GiB that a frame of a few bytes may claim nothing is taken. Room that is not written to
// costs no memory.
result<std::string, refusal> unzstd(std::string_view body, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  if (!context) {
    return refusal{503, "overloaded", "no memory to decompress the body"};
  }
  if (body.empty()) {
    return corrupt("zstd", "it is truncated");
  }
  const auto announced = announced_size(body);
  if (announced && *announced > bytes_max) {
    return too_large(bytes_max);
  }
  const auto unpack = [&](char* to, std::size_t room) {
    return ZSTD_decompressDCtx(context.get(), to, room, body.data(), body.size());
  };
  std::string text(announced ? static_cast<std::size_t>(*announced) : 0, '\0');
  std::unique_ptr<char[]> room;
  if (!announced) {
    room = std::make_unique_for_overwrite<char[]>(bytes_max);
  }
  const auto size = announced ? unpack(text.data(), text.size()) : unpack(room.get(), bytes_max);
  if (!announced && ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) {
    return too_large(bytes_max);
  }
  if (ZSTD_isError(size)) {
    return corrupt("zstd", ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong
                               ? "it is truncated"
                               : ZSTD_getErrorName(size));
  }
  return announced ? std::move(text) : std::string(room.get(), size);
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  const auto last = text.find_last_not_of(" \t");
  return first == text.npos ? "" : text.substr(first, last - first + 1);
}

} // namespace

result<std::string, refusal> decode_body(std::string_view encoding, std::string body,
                                         std::size_t bytes_max) {
  if (body.size() > bytes_max) {
    return refusal{413, "too-large",
                   fmt::format("the body is larger than {} bytes; send it in parts", bytes_max)};
  }
  const auto name = lower_case(without_blanks(encoding));
  if (name.empty() || name == "identity") {
    return body;
  }
  if (name == "gzip" || name == "x-gzip") {
    return gunzip(body, bytes_max);
  }
  if (name == "zstd") {
    return unzstd(body, bytes_max);
  }
  return refusal{415, "unknown-encoding",
                 fmt::format("Content-Encoding `{}` is not understood: use gzip, zstd or none",
                             name.substr(0, 64))};
}

result<std::string, refusal> decode_body(request& what, std::size_t bytes_max) {
  const std::string encoding(what.header("Content-Encoding").value_or(""));
  return decode_body(encoding, std::move(what.body), bytes_max);
}

} // namespace tocsin::http
