#include "streams/partition/entry_applier.hpp"

#include "streams/window/tick.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

void entry_applier::skip(redis::stream_id id, const std::string& why) {
  ++counts_.entries_skipped;
  complaint_ = fmt::format("entry {}: {}", id.text(), why);
}

void entry_applier::begin(std::span<const redis::log_entry> entries) {
  packed_.clear();
  for (const auto& e : entries)
    packed_.push_back(e.bytes.size() > redis::log_entry_bytes_max ? packed_entry{}
                                                                  : packed_entry{e.form, e.bytes});
  crew_.begin(packed_);
  next_ = entries.data();
}

const decoded_entry& entry_applier::decode(const redis::log_entry& entry) {
  if (crew_.left() == 0 || &entry != next_)
    begin(std::span(&entry, 1));
  ++next_;
  return crew_.next();
}

void entry_applier::apply(intake& in, const redis::log_entry& entry, const observer& seen) {
  const auto& decoded = decode(entry);
  if (entry.bytes.size() > redis::log_entry_bytes_max)
    return skip(entry.id, fmt::format("it is {} bytes long: {} are allowed", entry.bytes.size(),
                                      redis::log_entry_bytes_max));
  if (!decoded.complaint.empty())
    return skip(entry.id, decoded.complaint);
  if (decoded.columns) {
    const auto* columns = filter_ ? filter_->pick(*decoded.columns) : &*decoded.columns;
    if (columns != nullptr)
      in.apply(*columns, to_position(entry.id), from_ms_, seen);
    return;
  }
  for_each_line(decoded.text, [&](std::string_view line) { apply_line(in, line, entry.id, seen); });
}

void entry_applier::apply_line(intake& in, std::string_view line, redis::stream_id id,
                               const observer& seen) {
  const auto read = reader_.read(line);
  if (!read) {
    ++counts_.lines_rejected;
    complaint_ = fmt::format("entry {}: a line is rejected: {}", id.text(), read.failure());
    return;
  }
  counts_.fields_dropped += reader_.dropped().size();
  auto sample = read->sample;
  if (!read->named_ts) {
    sample.ts_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(id.ms, time_max_ms));
    sample.ts_named = true;
  }
  if (sample.ts_ms < from_ms_ || (filter_ && !filter_->pick(sample)))
    return;
  const auto fate = in.apply(sample, to_position(id));
  if (seen)
    seen(sample, fate);
}

} // namespace tocsin
