#include "tools/reading/event_parser.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace tocsin::event_parser_test {
namespace {

struct read_events {
  event_parser parser;
  std::string seen;

  bool feed(std::string_view bytes) {
    return parser.feed(bytes, [&](const server_event& e) {
      seen += e.name + "|" + e.id + "|" + e.data + "\n";
      return e.name != "last";
    });
  }
};

const std::string stream =
    "retry: 2000\nid: 1-0\n\n:\n\nevent: incident\nid: 2-0\ndata: {\"a\":1}\n"
    "\nevent: tick\ndata:{}\n\ndata: a\ndata:  b\ndata\nother: x\n\n";
const std::string events =
    "message|1-0|\nincident|2-0|{\"a\":1}\ntick|2-0|{}\nmessage|2-0|a\n b\n\n";

TEST(event_parser, reads_events_their_names_and_the_last_id) {
  read_events all;
  EXPECT_TRUE(all.feed(stream));
  EXPECT_EQ(events, all.seen);
  EXPECT_EQ("2-0", all.parser.last_id());
}

TEST(event_parser, does_not_mind_where_pieces_are_cut_nor_how_lines_end) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const char c : stream)
      text += c == '\n' ? end : std::string(1, c);
    for (std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
      read_events all;
      for (std::size_t at = 0; at < text.size(); at += size)
        EXPECT_TRUE(all.feed(std::string_view(text).substr(at, size)));
      EXPECT_EQ(events, all.seen) << size;
    }
  }
}

TEST(event_parser, drops_what_a_connection_left_unfinished) {
  read_events all;
  all.feed("id: 1-0\ndata: a\n\nid: 2-0\ndata: half");
  EXPECT_EQ("1-0", all.parser.last_id());
  all.parser.begin_again();
  all.feed("data: b\n\n");
  EXPECT_EQ("message|1-0|a\nmessage|1-0|b\n", all.seen);
}

TEST(event_parser, passes_over_a_byte_order_mark_and_ids_with_a_null) {
  read_events all;
  all.feed("\xEF\xBB\xBFid: 1-0\n\n");
  all.feed(std::string_view("id: 9\0x\ndata: a\n\n", 17));
  EXPECT_EQ("message|1-0|\nmessage|1-0|a\n", all.seen);
}

TEST(event_parser, ends_when_no_more_is_wanted) {
  read_events all;
  EXPECT_FALSE(all.feed("event: last\ndata: a\n\ndata: b\n\n"));
  EXPECT_EQ("last||a\n", all.seen);
  EXPECT_FALSE(all.parser.too_large());
}

TEST(event_parser, holds_no_more_than_an_event_may_have) {
  read_events lines;
  bool more = true;
  for (int i = 0; i < 2'000 && more; ++i)
    more = lines.feed("data: " + std::string(1'000, 'x') + "\n");
  EXPECT_FALSE(more);
  EXPECT_TRUE(lines.parser.too_large());
  read_events line;
  EXPECT_FALSE(line.feed(std::string(event_parser::event_bytes_max + 1, 'x')));
  EXPECT_EQ("", line.seen);
}

} // namespace
} // namespace tocsin::event_parser_test
