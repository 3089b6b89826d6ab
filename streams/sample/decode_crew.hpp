#pragma once

#include "streams/sample/entry_decoder.hpp"

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace tocsin {

/// Decodes the entries of a batch on several threads, and gives them in their order. Owned by who
/// applies them: one thread calls it, and decodes what no other has begun when it would wait.
///
/// 1. Decoded and not yet given are at most `ahead_max` entries of `ahead_bytes_max` unpacked bytes
///    together, or one: about 1 MB each as collectors write them, at worst some 100 MB in all
///    (entry_decoder). Decoders keep their memory, unless an entry took more than `kept_bytes_max`.
/// 2. What is given depends on the entries alone, not on threads.
/// 3. Threads start with the first batch that is worth it, and sleep between batches.
/// 4. begin(), end() and the destructor wait for entries that are being decoded: at most one each
///    thread, milliseconds.
class decode_crew {
public:
  /// With so many threads beside the caller's; 0: it does all.
  explicit decode_crew(unsigned threads);
  ~decode_crew();
  decode_crew(const decode_crew&) = delete;
  decode_crew& operator=(const decode_crew&) = delete;

  static constexpr unsigned threads_max = 7;
  static constexpr std::size_t ahead_bytes_max = std::size_t{4} << 20;
  static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;
  std::size_t ahead_max() const { return slots_.size(); }

  /// Takes on a batch; what was left of the one before is dropped. The bytes stay where they are
  /// until all was given, or end().
  void begin(std::span<const packed_entry> batch);
  /// Drops what is left.
  void end() { begin({}); }
  /// Entries that next() will give yet.
  std::size_t left() const { return batch_.size() - given_; }

  /// The next entry; valid until the next call of any function.
  const decoded_entry& next();

private:
  struct slot {
    std::unique_ptr<entry_decoder> decoder = std::make_unique<entry_decoder>();
    const decoded_entry* decoded = nullptr; // of the entry that the slot is for now
    std::exception_ptr failed;
    std::size_t bytes = 0; // of that entry, unpacked
  };
  void release(slot&);
  slot& slot_of(std::size_t entry) { return slots_[entry % slots_.size()]; }
  bool may_claim() const;
  void decode_one(std::unique_lock<std::mutex>&);
  void work();

  const unsigned threads_wanted_;
  std::mutex mutex_; // guards all below, but for the decoders of entries that are claimed or given
  std::condition_variable work_there_, done_some_;
  std::vector<packed_entry> batch_;
  std::vector<slot> slots_;
  std::size_t claimed_ = 0; // entries of the batch whose decoding has begun
  std::size_t given_ = 0;
  std::size_t busy_ = 0;  // entries being decoded
  std::size_t bytes_ = 0; // of entries in slots, unpacked
  bool spread_ = false;   // the batch is worth waking others
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace tocsin
