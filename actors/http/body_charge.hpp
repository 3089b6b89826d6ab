#pragma once

#include "actors/http/connection_table.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace tocsin::http {

/// What one request's body takes of what all bodies, and all of one client, may take together.
/// Owned by a connection; given back when it is gone.
class body_charge {
public:
  struct bounds {
    std::size_t all;
    std::size_t of_client;
  };
  enum class verdict { fits, too_much, too_much_of_client };

  body_charge(std::atomic<std::size_t>& all, bounds most, std::shared_ptr<client_share> client)
      : all_(all), client_(std::move(client)), most_(most) {}
  body_charge(const body_charge&) = delete;
  body_charge& operator=(const body_charge&) = delete;
  ~body_charge() { release(); }

  /// Whether a body of this size would fit now. Nothing is taken: what is only announced keeps
  /// nobody else out.
  verdict would_fit(std::size_t bytes) const {
    return judge(all_.load() + bytes, client_->body_bytes.load() + bytes);
  }
  /// The body has this size now.
  verdict grow_to(std::size_t bytes) {
    const std::size_t more = bytes - charged_;
    charged_ = bytes;
    return judge(all_.fetch_add(more) + more, client_->body_bytes.fetch_add(more) + more);
  }
  void release() {
    all_.fetch_sub(charged_);
    client_->body_bytes.fetch_sub(charged_);
    charged_ = 0;
  }

private:
  verdict judge(std::size_t all, std::size_t of_client) const {
    return all > most_.all               ? verdict::too_much
           : of_client > most_.of_client ? verdict::too_much_of_client
                                         : verdict::fits;
  }

  std::atomic<std::size_t>& all_;
  const std::shared_ptr<client_share> client_;
  const bounds most_;
  std::size_t charged_ = 0;
};

} // namespace tocsin::http
