#pragma once

#include "actors/http/session_message.hpp"

#include <array>
#include <fmt/format.h>

// The part of a connection that sends answers that go on. Private to it.
namespace tocsin::http {

/// Sends what waits in a stream_reader, a piece at a time, until either side ends it. Owned by its
/// connection, on whose executor everything happens.
template <class Connection>
class stream_sender {
public:
  explicit stream_sender(Connection& of) : of_(of) {}

  /// What the answer goes on with behind its head; nothing: it does not.
  void load(std::shared_ptr<stream_reader> from, bool chunked) {
    from_ = std::move(from);
    chunked_ = chunked;
  }
  bool loaded() const { return from_ != nullptr; }
  bool piece_under_way() const { return under_way_; }
  void close(bool too_slow) {
    if (from_) {
      from_->close(too_slow);
    }
  }

  void begin() {
    of_.phase_ = phase::streaming;
    give_up_unacknowledged(of_.transport_.socket());
    from_->on_news([this, gate = of_.state_.gate, weak = of_.weak_from_this()] {
      std::lock_guard lock(gate->mutex);
      auto owner = gate->open ? weak.lock() : nullptr;
      if (owner) {
        const auto executor = owner->executor();
        net::post(executor, [this, owner = std::move(owner)] { send_piece(); });
      }
    });
    watch_client();
    if (of_.stopping_) {
      end();
    }
  }

  void end() {
    of_.phase_ = phase::writing;
    from_->close(false);
    from_.reset();
    of_.set_deadline(of_.state_.options.linger_timeout);
    net::async_write(of_.transport_.stream(), net::buffer("0\r\n\r\n", chunked_ ? 5 : 0),
                     [this, owner = of_.shared_from_this()](error_code ec, std::size_t) {
                       if (ec || of_.stopping_ || of_.phase_ != phase::writing) {
                         return of_.close();
                       }
                       of_.phase_ = phase::lingering; // until watch_client sees its end
                       of_.transport_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ec);
                     });
  }

private:
  void send_piece() {
    if (of_.phase_ != phase::streaming || under_way_) {
      return;
    }
    piece_ = from_->take();
    if (piece_.empty()) {
      return from_->ended() ? end() : void();
    }
    under_way_ = true;
    of_.set_deadline(of_.state_.options.read_timeout);
    size_ = chunked_ ? fmt::format("{:x}\r\n", piece_.size()) : std::string();
    const std::array<net::const_buffer, 3> parts{net::buffer(size_), net::buffer(piece_),
                                                 net::buffer("\r\n", chunked_ ? 2 : 0)};
    net::async_write(of_.transport_.stream(), parts,
                     [this, owner = of_.shared_from_this()](error_code ec, std::size_t) {
                       under_way_ = false;
                       ec ? of_.close() : send_piece();
                     });
  }

  /// Nobody sends anything while it waits for an answer that goes on, so this tells when it is
  /// gone. What comes all the same is forgotten; so it is still while the last bytes are sent.
  void watch_client() {
    of_.transport_.stream().async_read_some(
        net::buffer(forgotten_),
        [this, owner = of_.shared_from_this()](error_code ec, std::size_t) {
          ec ? of_.close() : watch_client();
        });
  }

  Connection& of_;
  std::shared_ptr<stream_reader> from_;
  std::string size_, piece_;
  std::array<char, 512> forgotten_;
  bool chunked_ = true;
  bool under_way_ = false;
};

} // namespace tocsin::http
