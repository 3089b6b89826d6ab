#include "streams/sample/entry_decoder.hpp"

namespace tocsin {

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
