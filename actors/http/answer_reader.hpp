#pragma once

#include "actors/http/client.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>
#include <limits>
#include <optional>

// What a client makes of the bytes that come back. Private to client.cpp.
namespace tocsin::http {

/// Reads the answer to one request (RFC 9112).
///
/// 1. Interim answers (100, 102, 103 and whatever else is below 200) are passed over, at most
///    `interim_max` of them; 101 is a fault, for nobody asked to switch.
/// 2. What stands in the head is the answer. Trailers are dropped.
/// 3. Once the head is there the answer stands: a body that is cut off by either side, or comes too
///    slowly, is given as far as it came, and `whole` says so. Nothing is reserved for a length
///    that is only announced.
/// 4. Where there is a taker it is given the body of a 200 as it comes, and none of it is kept.
/// 5. `reusable` only if it is certain where the next answer begins.
class answer_reader {
public:
  static constexpr int interim_max = 32;
  static constexpr std::uint32_t head_bytes_max = 64u << 10;

  answer_reader(bool head_only, std::size_t body_bytes_max, const piece_taker* take = nullptr)
      : head_only_(head_only), body_bytes_max_(body_bytes_max), take_(take) {
    buffer_.reserve(piece_bytes);
  }

  /// `run(start)` runs one operation to its end. An error: there is no answer.
  template <class Run, class Stream>
  boost::system::error_code read(Run&& run, Stream& stream) {
    if (const auto ec = read_head(run, stream)) {
      return ec;
    }
    const auto& message = parser_->get();
    answer_.status = message.result_int();
    for (const auto& field : message) {
      answer_.headers.emplace_back(field.name_string(), field.value());
    }
    if (has_no_body(answer_.status) && announces_body()) {
      certain_ = false;
    }
    if (take_ != nullptr && answer_.status == 200) {
      pass_body_on(run, stream);
    } else {
      read_body(run, stream);
    }
    return {};
  }

  client_response take() { return std::move(answer_); }
  bool reusable() const {
    return certain_ && answer_.whole && parser_->keep_alive() && buffer_.size() == 0;
  }
  /// Not a byte came.
  bool silent() const {
    return !began_ && !(parser_ && parser_->got_some()) && buffer_.size() == 0;
  }
  /// Why there is no answer, for people.
  std::string describe(boost::system::error_code ec) const {
    using beast_error = boost::beast::http::error;
    if (!fault_.empty()) {
      return fault_;
    }
    if (ec == beast_error::end_of_stream) {
      return "the connection was closed";
    }
    if (ec == beast_error::partial_message) {
      return "the connection was closed in the middle of its head";
    }
    if (ec == beast_error::header_limit) {
      return fmt::format("its head is larger than {} bytes", head_bytes_max);
    }
    return ec.message();
  }

private:
  using parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;
  static constexpr std::size_t piece_bytes = 16u << 10;
  static constexpr std::size_t buffered_bytes_max = 2 * head_bytes_max;

  static bool has_no_body(unsigned status) { return status == 204 || status == 304; }
  bool announces_body() const {
    return parser_->chunked() || parser_->content_length().value_or(0) > 0;
  }

  template <class Run, class Stream>
  boost::system::error_code read_head(Run& run, Stream& stream) {
    for (int passed = 0; passed <= interim_max; ++passed) {
      parser_.emplace();
      parser_->header_limit(head_bytes_max);
      // None, which Beast 1.74 takes for 0 where the length is known.
      parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
      parser_->skip(head_only_);
      const auto ec = run([&](auto done) {
        boost::beast::http::async_read_header(stream, buffer_, *parser_, std::move(done));
      });
      if (ec) {
        return ec;
      }
      const auto status = parser_->get().result_int();
      if (status >= 200) {
        return {};
      }
      if (status < 100 || status == 101) {
        return faulty(fmt::format("it answered {}, which nobody asked for", status));
      }
      began_ = true;
      certain_ = certain_ && !announces_body();
    }
    return faulty(fmt::format("it sent more than {} interim answers", interim_max));
  }

  template <class Run, class Stream>
  void read_body(Run& run, Stream& stream) {
    std::array<char, piece_bytes> piece;
    boost::system::error_code ec;
    while (!ec && !parser_->is_done() && answer_.body.size() <= body_bytes_max_) {
      auto& room = parser_->get().body();
      room.data = piece.data();
      room.size = piece.size();
      ec = run([&](auto done) {
        boost::beast::http::async_read(stream, buffer_, *parser_, std::move(done));
      });
      answer_.body.append(piece.data(), piece.size() - room.size);
      if (ec == boost::beast::http::error::need_buffer) {
        ec = {};
      }
    }
    answer_.whole = parser_->is_done() && answer_.body.size() <= body_bytes_max_;
    answer_.body.resize(std::min(answer_.body.size(), body_bytes_max_));
  }

  // A piece is what one read brought: whoever follows a stream waits for each.
  template <class Run, class Stream>
  void pass_body_on(Run& run, Stream& stream) {
    std::array<char, piece_bytes> piece;
    boost::system::error_code ec;
    bool wanted = true;
    while (!ec && !parser_->is_done() && wanted) {
      auto& room = parser_->get().body();
      room.data = piece.data();
      room.size = piece.size();
      ec = run([&](auto done) {
        boost::beast::http::async_read_some(stream, buffer_, *parser_, std::move(done));
      });
      if (const auto got = piece.size() - room.size; got > 0) {
        wanted = (*take_)(std::string_view(piece.data(), got));
      }
      if (ec == boost::beast::http::error::need_buffer) {
        ec = {};
      }
    }
    answer_.whole = parser_->is_done();
  }

  boost::system::error_code faulty(std::string why) {
    fault_ = std::move(why);
    return make_error_code(boost::beast::http::error::bad_status);
  }

  const bool head_only_;
  const std::size_t body_bytes_max_;
  const piece_taker* const take_;
  boost::beast::flat_buffer buffer_{buffered_bytes_max}; // bounds chunk headers and trailers
  std::optional<parser> parser_;
  client_response answer_;
  std::string fault_;
  bool began_ = false;  ///< an interim answer came
  bool certain_ = true; ///< nothing announced a body that it may not have
};

} // namespace tocsin::http
