#pragma once

#include "actors/sinks/hook_message.hpp"
#include "actors/sinks/hook_output.hpp"
#include "streams/process/process.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// The node process that runs hooks, below a keeper (keeper.hpp) that ends with it whatever hooks
/// started; and the ends of its pipes. One thread, the one that started it: the kernel ends it with
/// that thread.
///
/// 1. At most one order is under way; an order is a few KB, so it never fills the socket.
/// 2. Lines of output are cut after 4 KiB, reports after 256 KiB (the runner makes none so long).
class hook_child {
public:
  static constexpr std::size_t output_line_max = 4'096;
  static constexpr std::size_t report_line_max = std::size_t{256} << 10;

  struct listener {
    std::function<void(hook_level, std::string_view line)> printed; ///< to its output
    std::function<void(hook_report&&)> reported;
  };
  static result<std::unique_ptr<hook_child>> start(const std::string& node,
                                                   std::vector<std::string> words,
                                                   std::vector<std::string> environment,
                                                   const std::string& folder, listener);
  ~hook_child() { kill(); }

  void send(std::string order);
  /// Waits for something to come from it, or `wake_fd` to become readable, and passes on what came:
  /// what was printed before what was reported. Returns whether it lives.
  bool look(int wake_fd, int timeout_ms);
  /// Ends it and all that it started, and passes on what it said until then.
  void kill();
  /// How it ended: "exit code 1".
  std::string end() const { return process_.end(); }
  /// Says which process is to be weighed: node has said its number.
  void weigh(std::uint64_t pid) { node_pid_ = pid; }
  /// The memory that node has now; 0 where it has ended, or did not say that it is there.
  std::uint64_t memory_bytes() const;

private:
  hook_child(process p, listener l) : process_(std::move(p)), to_(std::move(l)) {}
  void read_all();
  void write_rest();

  process process_; ///< the keeper
  std::uint64_t node_pid_ = 0;
  listener to_;
  owned_fd orders_, reports_, out_, err_; ///< our ends
  std::string unsent_;
  line_reader report_lines_{report_line_max};
  line_reader out_lines_{output_line_max}, err_lines_{output_line_max};
};

} // namespace tocsin
