#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tocsin {

/// An event of a stream of server-sent events.
struct server_event {
  std::string name; ///< "message" where the stream gives none
  std::string data; ///< its lines with line feeds between them
  std::string id;   ///< the last id that the stream has named so far
};

/// Reads server-sent events (WHATWG HTML, section 9.2) from pieces that are cut anywhere.
///
/// 1. An event counts when its empty line has come. What is cut off before that is dropped, and
///    `last_id` is that of the event before: who connects again from there misses nothing.
/// 2. An event holds at most `event_bytes_max`.
class event_parser {
public:
  static constexpr std::size_t event_bytes_max = 1u << 20;
  /// False: no more is wanted.
  using taker = std::function<bool(const server_event&)>;

  /// An event with an id and no data is given, too: it says where the stream stands. False: no more
  /// is wanted, or an event is too large.
  bool feed(std::string_view bytes, const taker& take);
  /// A new connection: what the last one left unfinished is dropped.
  void begin_again();

  const std::string& last_id() const { return last_id_; }
  bool too_large() const { return too_large_; }

private:
  bool end_line(const taker& take);
  void take_field(std::string_view field, std::string_view value);
  bool dispatch(const taker& take);

  std::string line_, name_, data_, id_, last_id_;
  bool has_data_ = false, has_id_ = false;
  bool after_return_ = false; // a line feed now belongs to the line end before
  bool begun_ = false;        // the first line, which may have a byte order mark, is over
  bool too_large_ = false;
};

} // namespace tocsin
