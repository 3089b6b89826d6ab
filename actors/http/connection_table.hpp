#pragma once

#include "config/keyed_hash.hpp"

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace tocsin::http {

/// What the connections of one client hold together.
struct client_share {
  std::atomic<std::size_t> body_bytes{0};
};

/// Which connections are open, whose they are, and which of them go for the sake of others. Plain;
/// the server owns it, and asks it under its lock. `Member` stands for a connection: a pointer.
///
/// 1. A known connection (`trust`) stays. Of the others that one goes first whose last answer, or
///    else whose beginning, is the longest ago: so whoever says nothing makes room for whoever
///    does.
/// 2. A client that has its share makes room for itself only.
/// 3. Refused ones, which are only told so, have no place, and are counted apart.
/// 4. Whatever is removed is forgotten, and may be removed again.
template <class Member>
class connection_table {
public:
  struct bounds {
    std::size_t total;
    std::size_t of_client;
  };
  enum class place { free, full, client_full };
  struct room {
    place what = place::free;
    std::vector<Member> leaving = {}; ///< removed already: to be closed
  };

  /// Makes room for one more of this client. `scarce`: also within the bounds one must go for it.
  room make_room(const std::string& client, bounds most, bool scarce) {
    room out;
    while (of(client) >= most.of_client) {
      if (!give_up(oldest(&client), out)) {
        out.what = place::client_full;
        return out;
      }
    }
    while (size() >= most.total || (scarce && out.leaving.empty())) {
      if (!give_up(oldest(nullptr), out)) {
        out.what = place::full;
        return out;
      }
    }
    return out;
  }

  /// What this client's connections hold: to be given to `add`.
  std::shared_ptr<client_share> share_of(const std::string& client) const {
    const auto at = clients_.find(client);
    return at == clients_.end() ? std::make_shared<client_share>() : at->second.holds;
  }
  void add(const Member& one, const std::string& client, std::shared_ptr<client_share> share) {
    auto& of = clients_[client];
    ++of.connections;
    of.holds = std::move(share);
    members_.emplace(one, entry{client, unknown_.insert(unknown_.end(), one), kind::unknown});
  }
  void add_refused(const Member& one, const std::string& client,
                   std::shared_ptr<client_share> share) {
    auto& of = clients_[client];
    ++of.refused;
    ++refused_;
    of.holds = std::move(share);
    members_.emplace(one, entry{client, unknown_.end(), kind::refused});
  }

  void served(const Member& one) {
    const auto at = members_.find(one);
    if (at != members_.end() && at->second.what == kind::unknown) {
      unknown_.splice(unknown_.end(), unknown_, at->second.place);
    }
  }

  void trust(const Member& one) {
    const auto at = members_.find(one);
    if (at != members_.end() && at->second.what == kind::unknown) {
      at->second.what = kind::known;
      unknown_.erase(at->second.place);
    }
  }

  void remove(const Member& one) {
    const auto at = members_.find(one);
    if (at == members_.end()) {
      return;
    }
    const auto what = at->second.what;
    if (what == kind::unknown) {
      unknown_.erase(at->second.place);
    }
    const auto of = clients_.find(at->second.client);
    auto& counted = what == kind::refused ? of->second.refused : of->second.connections;
    refused_ -= what == kind::refused ? 1 : 0;
    --counted;
    if (of->second.connections + of->second.refused == 0) {
      clients_.erase(of);
    }
    members_.erase(at);
  }

  template <class Do>
  void for_each(Do what) const {
    for (const auto& [one, about] : members_) {
      what(one);
    }
  }
  void clear() {
    members_.clear();
    unknown_.clear();
    clients_.clear();
    refused_ = 0;
  }
  bool empty() const { return members_.empty(); }
  /// With the refused ones.
  std::size_t open() const { return members_.size(); }
  std::size_t size() const { return members_.size() - refused_; }
  std::size_t refused() const { return refused_; }
  std::size_t of(const std::string& client) const {
    const auto at = clients_.find(client);
    return at == clients_.end() ? 0 : at->second.connections;
  }
  std::size_t refused_of(const std::string& client) const {
    const auto at = clients_.find(client);
    return at == clients_.end() ? 0 : at->second.refused;
  }

private:
  using queue = std::list<Member>;
  enum class kind { unknown, known, refused };
  struct entry {
    std::string client;
    typename queue::iterator place; // in unknown_, where it is
    kind what;
  };
  struct client_entry {
    std::size_t connections = 0, refused = 0;
    std::shared_ptr<client_share> holds;
  };

  typename queue::iterator oldest(const std::string* of) {
    auto at = unknown_.begin();
    while (of != nullptr && at != unknown_.end() && members_.at(*at).client != *of) {
      ++at;
    }
    return at;
  }

  bool give_up(typename queue::iterator at, room& out) {
    if (at == unknown_.end()) {
      return false;
    }
    out.leaving.push_back(*at);
    remove(out.leaving.back());
    return true;
  }

  std::unordered_map<Member, entry> members_;
  queue unknown_;                                                    // the longest unserved first
  std::unordered_map<std::string, client_entry, text_hash> clients_; // none is 0
  std::size_t refused_ = 0;
};

} // namespace tocsin::http
