#pragma once

#include "actors/http/head.hpp"
#include "actors/http/incoming.hpp"
#include "actors/http/lazy_timer.hpp"
#include "actors/http/stream_sender.hpp"

#include <array>
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
  connection(session_socket socket, server_state& state, std::shared_ptr<client_share> client)
      : executor_(socket.get_executor()), transport_(std::move(socket), state), timer_(executor_),
        state_(state),
        charge_(state.bodies_bytes,
                {state.options.bodies_bytes_max, state.options.bodies_per_address_bytes_max},
                std::move(client)),
        remote_(name_of(transport_.socket())) {}

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
      stream_.piece_under_way() ? close() : stream_.end();
    }
  }

  void give_way() override {
    spdlog::debug("http: {} makes room for another", remote_);
    close();
  }

  void answer(response what) override {
    if (phase_ == phase::handling) {
      const bool keep = keep_alive_ && !body_left_ && !stopping_ && (!what.stream || head_only_);
      write(std::move(what), keep);
    }
  }

private:
  friend stream_sender<connection>;

  // --- time ---

  auto ring() {
    return [self = this->shared_from_this()] { self->on_timer(); };
  }

  void set_deadline(std::chrono::milliseconds span) { timer_.set(span, ring()); }

  void on_timer() {
    if (phase_ == phase::closed || phase_ == phase::handling) {
      return; // a handler has no deadline; `write` sets the next one
    }
    if (phase_ == phase::streaming && !stream_.piece_under_way()) {
      return; // nor has what may come; the next piece sets one
    }
    if (!timer_.due()) {
      return timer_.arm(ring());
    }
    timed_out_ = true;
    stream_.close(true);
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
    in_.end();
    charge_.release();
    if (in_.begins()) { // pipelined
      return read_header();
    }
    phase_ = phase::resting;
    set_deadline(state_.options.idle_timeout);
    await_request();
  }

  void await_request() {
    transport_.stream().async_read_some(
        in_.buffer().prepare(read_bytes),
        [self = this->shared_from_this()](error_code ec, std::size_t n) {
          if (ec || self->phase_ != phase::resting) {
            return self->close();
          }
          self->in_.buffer().commit(n);
          self->in_.begins() ? self->read_header() : self->await_request();
        });
  }

  void read_header() {
    phase_ = phase::reading;
    timed_out_ = keep_alive_ = head_only_ = body_left_ = false;
    chunked_ = true;
    body_bytes_max_ = state_.options.body_bytes_max;
    set_deadline(state_.options.read_timeout);
    in_.begin_head(state_.options);
    beast::http::async_read_header(transport_.stream(), in_.buffer(), in_.parsed(),
                                   [self = this->shared_from_this()](error_code ec, std::size_t) {
                                     ec ? self->read_failed(ec) : self->on_header();
                                   });
  }

  void on_header() {
    const auto& head = in_.head();
    keep_alive_ = head.keep_alive();
    head_only_ = head.method() == beast::http::verb::head;
    chunked_ = head.version() >= 11;
    if (const auto why = why_not_read(head)) {
      return reject(*why);
    }
    auto where = parse_target({head.target().data(), head.target().size()});
    if (!where) {
      return reject({400, "bad-url", where.failure().message});
    }
    request_ = to_request(head, std::move(*where), remote_);
    try {
      admission_ = state_.admit(request_);
    } catch (const std::exception& e) {
      spdlog::error("http: a doorkeeper threw: {}", e.what());
      return reject({500, "internal", "the request could not be judged; see the log"});
    }
    if (admission_.known && !known_) {
      known_ = true;
      state_.trust(this->shared_from_this());
    }
    in_.parsed().is_done() ? dispatch() : on_body_ahead();
  }

  // Nothing was done for the body yet.
  void on_body_ahead() {
    body_left_ = true;
    if (admission_.refused) {
      return dispatch();
    }
    body_bytes_max_ = std::min(body_bytes_max_, admission_.body_bytes_max);
    if (in_.announced() > body_bytes_max_) {
      return reject(too_large(body_bytes_max_));
    }
    if (const auto why = why_no_room(charge_.would_fit(in_.announced()), state_.options)) {
      return reject(*why);
    }
    set_deadline(state_.options.read_timeout);
    const bool asks_first = !in_.head()[beast::http::field::expect].empty();
    in_.begin_body(body_bytes_max_);
    asks_first&& in_.buffer().size() == 0 ? say_continue() : read_body();
  }

  void say_continue() {
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(transport_.stream(), net::buffer(text.data(), text.size()),
                     [self = this->shared_from_this()](error_code ec, std::size_t) {
                       ec ? self->read_failed(ec) : self->read_body();
                     });
  }

  void read_body() {
    beast::http::async_read_some(transport_.stream(), in_.buffer(), in_.parsed(),
                                 [self = this->shared_from_this()](error_code ec, std::size_t) {
                                   ec ? self->read_failed(ec) : self->on_body();
                                 });
  }

  void on_body() {
    auto& body = in_.parsed().get().body();
    if (const auto why = why_no_room(charge_.grow_to(body.size()), state_.options)) {
      return reject(*why);
    }
    if (!in_.parsed().is_done()) {
      return read_body();
    }
    body_left_ = false;
    request_.body = std::move(body);
    dispatch();
  }

  void read_failed(error_code ec) {
    head_only_ = in_.head().method() == beast::http::verb::head;
    const auto why = phase_ == phase::reading
                         ? why_unreadable(ec, timed_out_, body_bytes_max_, state_.options)
                         : std::optional<refusal>();
    why ? reject(*why) : close();
  }

  // --- handling ---

  void dispatch() {
    in_.end();
    phase_ = phase::handling;
    state_.requests.fetch_add(1, std::memory_order_relaxed);
    try {
      const auto handle = std::exchange(admission_, {}).handle;
      handle(std::move(request_), make_responder());
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
    if (!known_) {
      state_.served(this->shared_from_this());
    }
    phase_ = phase::writing;
    set_deadline(state_.options.read_timeout);
    if (Transport::tls && !in_clear_ && state_.options.strict_transport) {
      what.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    }
    if (what.stream && chunked_) {
      what.headers.emplace_back("Transfer-Encoding", "chunked");
    }
    head_ = render_head(what, keep, std::time(nullptr));
    stream_.load(head_only_ ? nullptr : std::move(what.stream), chunked_);
    body_ = std::move(what.body);
    hold_ = std::move(what.hold);
    const std::array<net::const_buffer, 2> parts{
        net::buffer(head_), head_only_ ? net::const_buffer{} : net::buffer(body_)};
    auto written = [self = this->shared_from_this(), keep](error_code ec, std::size_t) {
      self->body_ = {};
      if (ec || self->phase_ != phase::writing) {
        return self->close();
      }
      if (self->stream_.loaded()) {
        self->in_.forget();
        return self->stream_.begin();
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

  /// Ends our side, then reads and forgets what the client still sends: closing a socket with
  /// unread bytes would reset it, and the client would lose the answer.
  void linger() {
    phase_ = phase::lingering;
    charge_.release();
    in_.forget();
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
        in_.buffer().prepare(read_bytes),
        [self = this->shared_from_this()](error_code ec, std::size_t) {
          if (ec || self->phase_ != phase::lingering) {
            return self->close();
          }
          self->drain();
        });
  }

  // --- ending ---

  void close() {
    if (phase_ == phase::closed) {
      return;
    }
    phase_ = phase::closed;
    stream_.close(false);
    hold_ = nullptr;
    error_code ec;
    transport_.socket().close(ec);
    timer_.cancel();
    state_.forget(this->shared_from_this());
  }

  session_executor executor_;
  Transport transport_;
  lazy_timer timer_;
  server_state& state_;
  body_charge charge_;
  std::string remote_;
  phase phase_ = phase::resting;
  incoming in_;
  request request_;     ///< its head; and its body once it is whole
  admission admission_; ///< of that request
  std::string head_;
  std::string body_;
  std::shared_ptr<const void> hold_;
  stream_sender<connection> stream_{*this};
  std::size_t body_bytes_max_ = 0;
  bool timed_out_ = false;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool body_left_ = false; ///< of a request that is answered without it
  bool chunked_ = true;    ///< an answer without a length
  bool in_clear_ = false;  ///< over TLS: the client speaks plain HTTP
  bool known_ = false;     ///< see admission
  bool stopping_ = false;
};

} // namespace tocsin::http
