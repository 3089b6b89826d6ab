#pragma once

#include "actors/api/reload.hpp"
#include "actors/engine_context.hpp"
#include "actors/pipeline.hpp"
#include "config/file_watch.hpp"

#include <string>
#include <thread>

namespace tocsin {

/// What a running engine makes of settings: no rules while alerting is disabled.
settings as_evaluated(settings read);

/// Reads the configuration again and puts its rules in force: when the file changes, when the desk
/// is asked to. All of it or nothing: with errors, the rules from before stay. Has a thread of its
/// own, so that neither the server's threads nor the one that looks after the engine wait for files
/// or for a recovery.
///
/// 1. One reload at a time.
/// 2. A changed file that cannot be taken up yet (Redis is away, the engine still reads its state
///    back) is tried again every second. A request is told so.
/// 3. On a worker that stands by the file is read and checked, and nothing changes.
class rule_reload {
public:
  /// `as_read`: the settings as the file had them at the start; `since_read` was made before that.
  rule_reload(std::string path, file_watch since_read, settings as_read, engine_context&,
              pipeline&);
  ~rule_reload();
  rule_reload(const rule_reload&) = delete;
  rule_reload& operator=(const rule_reload&) = delete;

private:
  using requests = std::vector<reload_desk::request>;
  void run();
  static void refuse(requests& waiting);
  reload_outcome try_reload(requests& waiting);
  reload_outcome reload(requests& waiting);
  reload_outcome read();
  reload_outcome put_in_force(reload_outcome read, requests& waiting);
  void answer_late(requests& waiting, const reload_outcome& so_far);
  void tell(const reload_outcome& what);
  void say(const reload_outcome& what);
  bool is_news(const reload_outcome& what);

  const std::string path_;
  const settings as_read_;
  engine_context& ctx_;
  pipeline& engine_;
  file_watch file_;
  settings wanted_;    ///< what read() found
  bool to_do_ = false; ///< the file is not taken up, and nobody will ask again
  std::string said_;   ///< why not, when that was logged last
  std::string findings_said_;
  counter &done_, &failed_;
  gauge& success_;
  std::thread thread_; ///< last: it uses all the others
};

} // namespace tocsin
