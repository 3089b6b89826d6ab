#include "streams/sample/entry_decoder.hpp"

#include <algorithm>
#include <zstd.h>

namespace tocsin {

std::size_t unpacked_bytes(const packed_entry& entry) {
  const auto form = read_entry_form(entry.form);
  if (form != entry_form::packed && form != entry_form::columns)
    return std::min(entry.bytes.size(), entry_unpacked_bytes_max);
  const auto said = ZSTD_getFrameContentSize(entry.bytes.data(), entry.bytes.size());
  if (said == ZSTD_CONTENTSIZE_ERROR)
    return 0;                                                   // nothing is unpacked
  return std::min<std::size_t>(said, entry_unpacked_bytes_max); // also where it does not say
}

const decoded_entry& entry_decoder::decode(const packed_entry& entry) {
  out_ = {};
  const auto form = read_entry_form(entry.form);
  if (form == entry_form::columns) {
    const auto samples = columns_.read(entry.bytes);
    if (samples)
      out_.columns = *samples;
    else
      out_.complaint = samples.failure().message;
    return out_;
  }
  const auto text = text_.read(form, entry.bytes);
  if (text)
    out_.text = *text;
  else
    out_.complaint = text.failure().message;
  return out_;
}

} // namespace tocsin
