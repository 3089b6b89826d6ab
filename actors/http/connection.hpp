#pragma once

#include "actors/http/head.hpp"
#include "actors/http/session.hpp"
#include "actors/http/session_message.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <ctime>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

// The one session that there is, over either transport. Private to session.cpp and tls_session.cpp:
// each compiles it once.
namespace tocsin::http {

/// `Transport` is a socket with what TLS adds to it, or with nothing:
///
///   socket(), stream()   the TCP socket, and what requests are read from and answers written to
///   tls                  whether these differ
///   greet(timely, done)  the handshake; done(outcome)
///   end(done)            says that nothing more will come
template <class Transport>
class connection final : public session,
                         public std::enable_shared_from_this<connection<Transport>> {
public:
  connection(session_socket socket, server_state& state)
      : executor_(socket.get_executor()), transport_(std::move(socket), state), timer_(executor_),
        state_(state), remote_(name_of(transport_.socket())) {
    buffer_.reserve(read_bytes);
  }

  ~connection() override { release_body(); }

  const session_executor& executor() const override { return executor_; }

  void start() override {
    error_code ec;
    transport_.socket().set_option(net::ip::tcp::no_delay(true), ec);
    if constexpr (Transport::tls) {
      greet();
    } else {
      rest();
    }
  }

  void refuse(const refusal& why) override { reject(why); }

  void wind_down() override {
    stopping_ = true;
    if (phase_ == phase::greeting || phase_ == phase::resting || phase_ == phase::lingering) {
      close();
    } else if (phase_ == phase::streaming) {
      piece_under_way_ ? close() : end_stream();
    }
  }

  void answer(response what) override {
    if (phase_ == phase::handling) {
      const bool keep = keep_alive_ && !stopping_ && (!what.stream || head_only_);
      write(std::move(what), keep);
    }
  }

private:
  // --- time: one timer, moved lazily, for it is set several times per request ---

  void set_deadline(std::chrono::milliseconds span) {
    deadline_ = steady::now() + span;
    if (!timer_runs_ || timer_.expiry() > deadline_) {
      arm_timer();
    }
  }

  void arm_timer() {
    timer_runs_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = this->shared_from_this()](error_code ec) {
      if (!ec) {
        self->on_timer();
      }
    });
  }

  void on_timer() {
    timer_runs_ = false;
    if (phase_ == phase::closed || phase_ == phase::handling) {
      return; // a handler has no deadline; `write` sets the next one
    }
    if (phase_ == phase::streaming && !piece_under_way_) {
      return; // nor has what may come; the next piece sets one
    }
    if (steady::now() < deadline_) {
      return arm_timer();
    }
    timed_out_ = true;
    if (stream_) {
      stream_->close(true);
    }
    if (phase_ == phase::greeting) {
      state_.handshakes_failed.fetch_add(1, std::memory_order_relaxed);
    }
    if (phase_ == phase::reading) {
      error_code ec;
      transport_.socket().cancel(ec); // the read ends with an error, and is answered with 408
    } else {
      close();
    }
  }

  // --- TLS ---

  void greet() {
    phase_ = phase::greeting;
    set_deadline(state_.options.handshake_timeout);
    transport_.greet([self = this->shared_from_this()](error_code ec, bool plain_http) {
      if (self->phase_ != phase::greeting) {
        return;
      }
      if (!ec && !plain_http) {
        return self->rest();
      }
      self->state_.handshakes_failed.fetch_add(1, std::memory_order_relaxed);
      spdlog::debug("http: {} got no TLS: {}", self->remote_, ec.message());
      if (!plain_http) {
        return self->close();
      }
      self->in_clear_ = true;
      self->reject({400, "tls-needed", "this port speaks TLS: ask it with https://"});
    });
  }

  // --- reading ---

  void rest() {
    if (stopping_) {
      return close();
    }
    parser_.reset();
    release_body();
    if (buffer_.size() > 0) { // pipelined
      return read_header();
    }
    phase_ = phase::resting;
    set_deadline(state_.options.idle_timeout);
    transport_.stream().async_read_some(
        buffer_.prepare(read_bytes),
        [self = this->shared_from_this()](error_code ec, std::size_t n) {
          if (ec || self->phase_ != phase::resting) {
            return self->close();
          }
          self->buffer_.commit(n);
          self->read_header();
        });
  }

  void read_header() {
    phase_ = phase::reading;
    timed_out_ = false;
    set_deadline(state_.options.read_timeout);
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(state_.options.header_bytes_max));
    parser_->body_limit(state_.options.body_bytes_max);
    beast::http::async_read_header(transport_.stream(), buffer_, *parser_,
                                   [self = this->shared_from_this()](error_code ec, std::size_t) {
                                     ec ? self->read_failed(ec) : self->on_header();
                                   });
  }

  void on_header() {
    const auto& head = parser_->get();
    keep_alive_ = head.keep_alive();
    head_only_ = head.method() == beast::http::verb::head;
    chunked_ = head.version() >= 11;
    const auto expect = head[beast::http::field::expect];
    if (const auto why = why_not_read(head)) {
      return reject(*why);
    }
    if (parser_->is_done()) {
      return dispatch();
    }
    set_deadline(state_.options.read_timeout);
    parser_->eager(true);
    // Room for the body at once, and for what readers of JSON want behind it: else it is copied
    // several times while it grows. What is only announced gets no more than this.
    const auto announced = parser_->content_length().value_or(0);
    parser_->get().body().reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(announced, body_reserved_max)) + 64);
    expect.empty() || buffer_.size() > 0 ? read_body() : say_continue();
  }

  void say_continue() {
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(transport_.stream(), net::buffer(text.data(), text.size()),
                     [self = this->shared_from_this()](error_code ec, std::size_t) {
                       ec ? self->read_failed(ec) : self->read_body();
                     });
  }

  void read_body() {
    beast::http::async_read_some(transport_.stream(), buffer_, *parser_,
                                 [self = this->shared_from_this()](error_code ec, std::size_t) {
                                   ec ? self->read_failed(ec) : self->on_body();
                                 });
  }

  void on_body() {
    const std::size_t size = parser_->get().body().size();
    const std::size_t more = size - body_charged_;
    body_charged_ = size;
    if (state_.bodies_bytes.fetch_add(more) + more > state_.options.bodies_bytes_max) {
      return reject({503, "overloaded", "the server holds as many unanswered bodies as it takes"});
    }
    parser_->is_done() ? dispatch() : read_body();
  }

  void read_failed(error_code ec) {
    const auto why = phase_ == phase::reading ? why_unreadable(ec, timed_out_, state_.options)
                                              : std::optional<refusal>();
    why ? reject(*why) : close();
  }

  // --- handling ---

  void dispatch() {
    auto message = parser_->release();
    auto where = parse_target({message.target().data(), message.target().size()});
    if (!where) {
      return reject({400, "bad-url", where.failure().message});
    }
    auto what = to_request(std::move(message), std::move(*where), remote_);
    phase_ = phase::handling;
    state_.requests.fetch_add(1, std::memory_order_relaxed);
    try {
      state_.handle(std::move(what), make_responder());
    } catch (const std::exception& e) { // the responder has answered with 500 by now
      spdlog::error("http: a handler threw: {}", e.what());
    }
  }

  responder make_responder() {
    return responder([gate = state_.gate, weak = this->weak_from_this()](response what) {
      std::lock_guard lock(gate->mutex);
      auto self = gate->open ? weak.lock() : nullptr;
      if (self) {
        const auto executor = self->executor_;
        net::post(executor, [self = std::move(self), what = std::move(what)]() mutable {
          self->answer(std::move(what));
        });
      }
    });
  }

  // --- writing ---

  /// Answers what cannot be handled, and closes: where the next request begins is unknown.
  void reject(const refusal& why) {
    state_.requests_refused.fetch_add(1, std::memory_order_relaxed);
    spdlog::debug("http: {} refused: {} {}", remote_, why.status, why.message);
    response what = to_response(why);
    if (why.status == 503 || why.status == 429) {
      what.headers.emplace_back("Retry-After", "1");
    }
    write(std::move(what), false);
  }

  void write(response what, bool keep) {
    phase_ = phase::writing;
    set_deadline(state_.options.read_timeout);
    if (Transport::tls && !in_clear_ && state_.options.strict_transport) {
      what.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    }
    if (what.stream && chunked_) {
      what.headers.emplace_back("Transfer-Encoding", "chunked");
    }
    head_ = render_head(what, keep, std::time(nullptr));
    stream_ = head_only_ ? nullptr : std::move(what.stream);
    body_ = std::move(what.body);
    hold_ = std::move(what.hold);
    const std::array<net::const_buffer, 2> parts{
        net::buffer(head_), head_only_ ? net::const_buffer{} : net::buffer(body_)};
    auto written = [self = this->shared_from_this(), keep](error_code ec, std::size_t) {
      self->body_ = {};
      if (ec || self->phase_ != phase::writing) {
        return self->close();
      }
      if (self->stream_) {
        return self->begin_stream();
      }
      self->hold_ = nullptr;
      keep ? self->rest() : self->linger();
    };
    if (in_clear_) {
      net::async_write(transport_.socket(), parts, std::move(written));
    } else {
      net::async_write(transport_.stream(), parts, std::move(written));
    }
  }

  // --- answers that go on ---

  void begin_stream() {
    phase_ = phase::streaming;
    buffer_.consume(buffer_.size());
    give_up_unacknowledged(transport_.socket());
    stream_->on_news([gate = state_.gate, weak = this->weak_from_this()] {
      std::lock_guard lock(gate->mutex);
      auto self = gate->open ? weak.lock() : nullptr;
      if (self) {
        const auto executor = self->executor_;
        net::post(executor, [self = std::move(self)] { self->send_piece(); });
      }
    });
    watch_client();
    if (stopping_) {
      end_stream();
    }
  }

  /// Sends what waits, one piece at a time.
  void send_piece() {
    if (phase_ != phase::streaming || piece_under_way_) {
      return;
    }
    body_ = stream_->take();
    if (body_.empty()) {
      return stream_->ended() ? end_stream() : void();
    }
    piece_under_way_ = true;
    set_deadline(state_.options.read_timeout);
    head_ = chunked_ ? fmt::format("{:x}\r\n", body_.size()) : std::string();
    const std::array<net::const_buffer, 3> parts{net::buffer(head_), net::buffer(body_),
                                                 net::buffer("\r\n", chunked_ ? 2 : 0)};
    net::async_write(transport_.stream(), parts,
                     [self = this->shared_from_this()](error_code ec, std::size_t) {
                       self->piece_under_way_ = false;
                       ec ? self->close() : self->send_piece();
                     });
  }

  /// Nobody sends anything while it waits for an answer that goes on, so this tells when it is
  /// gone. What comes all the same is forgotten; so it is still while the last bytes are sent.
  void watch_client() {
    transport_.stream().async_read_some(
        buffer_.prepare(read_bytes), [self = this->shared_from_this()](error_code ec, std::size_t) {
          ec ? self->close() : self->watch_client();
        });
  }

  void end_stream() {
    phase_ = phase::writing;
    stream_->close(false);
    stream_.reset();
    set_deadline(state_.options.linger_timeout);
    net::async_write(transport_.stream(), net::buffer("0\r\n\r\n", chunked_ ? 5 : 0),
                     [self = this->shared_from_this()](error_code ec, std::size_t) {
                       if (ec || self->stopping_ || self->phase_ != phase::writing) {
                         return self->close();
                       }
                       self->phase_ = phase::lingering; // until watch_client sees its end
                       self->transport_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ec);
                     });
  }

  /// Ends our side, then reads and forgets what the client still sends: closing a socket with
  /// unread bytes would reset it, and the client would lose the answer.
  void linger() {
    phase_ = phase::lingering;
    release_body();
    parser_.reset();
    buffer_.consume(buffer_.size());
    if (stopping_) {
      return close();
    }
    set_deadline(state_.options.linger_timeout);
    if constexpr (Transport::tls) {
      if (!in_clear_) {
        return transport_.end([self = this->shared_from_this()] { self->end_sending(); });
      }
    }
    end_sending();
  }

  void end_sending() {
    error_code ec;
    transport_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ec);
    ec || phase_ != phase::lingering ? close() : drain();
  }

  void drain() {
    transport_.socket().async_read_some(
        buffer_.prepare(read_bytes), [self = this->shared_from_this()](error_code ec, std::size_t) {
          if (ec || self->phase_ != phase::lingering) {
            return self->close();
          }
          self->drain();
        });
  }

  // --- ending ---

  void release_body() {
    state_.bodies_bytes.fetch_sub(body_charged_);
    body_charged_ = 0;
  }

  void close() {
    if (phase_ == phase::closed) {
      return;
    }
    phase_ = phase::closed;
    if (stream_) {
      stream_->close(false);
    }
    hold_ = nullptr;
    error_code ec;
    transport_.socket().close(ec);
    timer_.cancel();
    state_.forget(this->shared_from_this());
  }

  using parser = beast::http::request_parser<beast::http::string_body>;

  session_executor executor_;
  Transport transport_;
  session_timer timer_;
  server_state& state_;
  std::string remote_;
  phase phase_ = phase::resting;
  beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  std::string head_;
  std::string body_;
  std::shared_ptr<const void> hold_;
  std::shared_ptr<stream_reader> stream_; ///< of an answer that goes on
  steady::time_point deadline_{};
  std::size_t body_charged_ = 0; // what of bodies_bytes is this request's
  bool timer_runs_ = false;
  bool timed_out_ = false;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool chunked_ = true; ///< an answer without a length
  bool piece_under_way_ = false;
  bool in_clear_ = false; ///< over TLS: the client speaks plain HTTP
  bool stopping_ = false;
};

} // namespace tocsin::http
