#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// Notices that files were changed, replaced or removed, by looking at them: it opens nothing and
/// asks no notifications of the system, so links that are turned to other files (as Kubernetes does
/// with secrets) are seen, too. Owned by whoever looks; one thread.
class file_watch {
public:
  explicit file_watch(std::vector<std::string> paths);

  /// Whether one of them has changed since the last time that this was true. Only once they looked
  /// the same twice: what is being written is left alone until the next call.
  bool changed();

private:
  struct stamp {
    std::int64_t written_ns = 0, changed_ns = 0;
    std::uint64_t device = 0, file = 0, bytes = 0; // all 0: there is none
    friend bool operator==(const stamp&, const stamp&) = default;
  };
  static stamp stamp_of(const std::string& path);
  std::vector<stamp> stamps() const;

  std::vector<std::string> paths_;
  std::vector<stamp> known_; // when it last said yes
  std::vector<stamp> last_;
};

} // namespace tocsin
