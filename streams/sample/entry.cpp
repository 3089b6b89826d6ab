#include "streams/sample/entry.hpp"

#include "config/byte_order_mark.hpp"
#include "streams/sample/sample_reader.hpp"

#include <fmt/format.h>
#include <zstd.h>

namespace tocsin {

namespace {
// Below this zstd's header outweighs what it saves.
constexpr std::size_t worth_packing_bytes = 400;
} // namespace

entry_form read_entry_form(std::string_view field) {
  if (field == "s")
    return entry_form::samples;
  if (field == "z")
    return entry_form::packed;
  if (field == "c")
    return entry_form::columns;
  if (field == "hb")
    return entry_form::heartbeat;
  return entry_form::unknown;
}

entry_reader::entry_reader() : unpacker_(ZSTD_createDCtx()) {}
entry_reader::~entry_reader() {
  ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(unpacker_));
}

result<std::string_view> entry_reader::read(entry_form form, std::string_view bytes) {
  text_.clear();
  if (form == entry_form::unknown || form == entry_form::columns)
    return error{"its form is unknown"};
  if (form == entry_form::heartbeat)
    return std::string_view();
  if (form == entry_form::samples) {
    text_.assign(bytes);
  } else {
    // One byte more than allowed, so that a longer text shows itself. The frame may not say how
    // long it is, so room grows from what it says, or from a guess.
    const auto said = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (said == ZSTD_CONTENTSIZE_ERROR)
      return error{"it is no zstd frame"};
    const bool known = said != ZSTD_CONTENTSIZE_UNKNOWN;
    if (known && said > entry_unpacked_bytes_max)
      return error{
          fmt::format("it unpacks to {} bytes: {} are allowed", said, entry_unpacked_bytes_max)};
    text_.resize(known ? said : entry_unpacked_bytes_max + 1);
    const auto size = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(unpacker_), text_.data(),
                                          text_.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size))
      return error{fmt::format("it cannot be unpacked: {}", ZSTD_getErrorName(size))};
    text_.resize(size);
  }
  const auto size = text_.size();
  if (size > entry_unpacked_bytes_max)
    return error{fmt::format("it is longer than {} bytes", entry_unpacked_bytes_max)};
  text_.append(sample_reader::padding, ' ');
  return without_byte_order_mark(std::string_view(text_).substr(0, size));
}

entry_writer::entry_writer() : packer_(ZSTD_createCCtx()) {}
entry_writer::~entry_writer() {
  ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(packer_));
}

entry_writer::packed entry_writer::write(std::string_view lines) {
  if (lines.size() >= worth_packing_bytes) {
    std::string out(ZSTD_compressBound(lines.size()), '\0');
    const auto size = ZSTD_compressCCtx(static_cast<ZSTD_CCtx*>(packer_), out.data(), out.size(),
                                        lines.data(), lines.size(), packing_level);
    if (!ZSTD_isError(size) && size < lines.size()) {
      out.resize(size);
      return {"z", std::move(out)};
    }
  }
  return {"s", std::string(lines)};
}

} // namespace tocsin
