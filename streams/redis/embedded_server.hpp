#pragma once

#include "config/redis_address.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tocsin::redis {

/// A private redis-server in a state folder: started, watched and stopped from here, reached over a
/// Unix socket in the folder, every write on disk before it is acknowledged.
///
/// 1. Owns the folder: a lock on `FOLDER/lock` is held as long as this object lives, so a second
///    engine on the same folder is refused by name.
/// 2. Never two servers on one folder: the server itself holds a lock on `FOLDER/redis.lock` for as
///    long as it lives. One that outlived its engine is adopted.
/// 3. The server is in a session of its own (the terminal's Ctrl-C does not reach it) and inherits
///    no descriptor but that lock.
/// 4. The destructor does not stop the server (a crash would not either): call stop().
/// 5. For one thread.
class embedded_server {
public:
  /// How a start goes on, for the operator; called a few times a second while waiting.
  struct progress {
    bool loading = false; ///< it answers and reads its data
    double percent = 0;
    std::int64_t eta_s = 0;
  };
  struct options {
    std::string folder;                          ///< created with mode 0700
    std::string program = "redis-server";        ///< looked up on PATH
    std::int64_t answer_timeout_ms = 30'000;     ///< for the first answer; loading may take longer
    std::function<void(const progress&)> report; ///< may be empty
    /// What was done to the data before a start, for the operator (see append_file.hpp). May be
    /// empty.
    std::function<void(const std::string&)> mended;
    /// Asked about once a second, or more often, while waiting, at a restart too: true gives the
    /// start up, with an error, and ends the server that was started. May be empty.
    std::function<bool()> abandon;
  };

  /// Locks the folder, then starts a server or adopts the one there, and waits until it has loaded.
  static result<embedded_server> start(options opts);

  embedded_server(embedded_server&&) noexcept;
  embedded_server& operator=(embedded_server&&) noexcept;
  ~embedded_server();

  /// Whether the server's process lives.
  bool alive();
  /// Whether the folder is still the one that was locked. One that was removed keeps a server that
  /// goes on as if it wrote, into files that nobody can open again.
  bool in_place() const;
  /// Starts it again if it died or is not in its place; does nothing if all is well.
  status restart();
  /// Once it has ended: how, and the last thing of weight in its log.
  std::string why_ended() const;
  /// "the disk of FOLDER is full: no space is left on it (12 KiB free)": it could not write what it
  /// would take. None: there is room.
  std::optional<std::string> disk_full() const;
  /// Ends it: asked to (what is acknowledged is on disk anyway), and killed after `timeout_ms`.
  status stop(std::int64_t timeout_ms = 1'500);

  /// Where to connect: the Unix socket in the folder.
  const redis_address& address() const noexcept;
  std::int64_t pid() const noexcept;
  /// True when the server was found running.
  bool adopted() const noexcept;

private:
  struct state;
  explicit embedded_server(std::unique_ptr<state> s) noexcept;

  std::unique_ptr<state> state_;
};

} // namespace tocsin::redis
