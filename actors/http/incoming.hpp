#pragma once

#include "actors/http/session_message.hpp"

#include <algorithm>

// The request that a connection is reading. Private to it.
namespace tocsin::http {

/// Bytes that came, and what is made of them.
///
/// 1. What is not understood yet is bounded: a head by header_bytes_max, and the rest (the sizes of
///    chunks, their extensions, trailers) by `buffered_bytes_max`.
/// 2. Empty lines before a request are passed over (RFC 9112, 2.2), at most `empty_lines_max`.
class incoming {
public:
  static constexpr int empty_lines_max = 8;
  static constexpr std::size_t buffered_bytes_max = 2 * read_bytes;
  using parser = beast::http::request_parser<beast::http::string_body>;

  incoming() { buffer_.reserve(read_bytes); }

  beast::flat_buffer& buffer() { return buffer_; }
  parser& parsed() { return *parser_; }
  const beast_request& head() const { return parser_->get(); }

  /// Whether more than empty lines is there.
  bool begins() {
    while (buffer_.size() > 0) {
      const auto* text = static_cast<const char*>(buffer_.data().data());
      const bool carriage = text[0] == '\r';
      if (carriage && buffer_.size() == 1) {
        return false;
      }
      const std::size_t line = text[carriage ? 1 : 0] == '\n' ? (carriage ? 2 : 1) : 0;
      if (line == 0 || empty_lines_ == empty_lines_max) {
        return true;
      }
      buffer_.consume(line);
      ++empty_lines_;
    }
    return false;
  }

  void begin_head(const server_options& options) {
    empty_lines_ = 0;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
    parser_->body_limit(options.body_bytes_max);
  }

  std::uint64_t announced() const { return parser_->content_length().value_or(0); }

  /// Room for the body at once, and for what readers of JSON want behind it: else it is copied
  /// several times while it grows. What is only announced gets no more than this.
  void begin_body(std::size_t bytes_max) {
    if (!parser_->content_length()) {
      parser_->body_limit(bytes_max);
    }
    parser_->eager(true);
    parser_->get().body().reserve(
        static_cast<std::size_t>(std::min(announced(), body_reserved_max)) + 64);
  }

  void end() { parser_.reset(); }
  void forget() {
    parser_.reset();
    buffer_.consume(buffer_.size());
  }

private:
  beast::flat_buffer buffer_{buffered_bytes_max};
  std::optional<parser> parser_;
  int empty_lines_ = 0; // before this request
};

} // namespace tocsin::http
