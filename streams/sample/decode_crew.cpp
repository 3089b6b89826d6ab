#include "streams/sample/decode_crew.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tocsin {

namespace {

// Waking a thread costs some 10 µs; so long does it take to decode so many bytes.
constexpr std::size_t worth_waking_bytes = std::size_t{64} << 10;
constexpr std::size_t mean_bytes_least = 2'048;

bool worth_spreading(std::span<const packed_entry> batch) {
  const auto bytes =
      std::accumulate(batch.begin(), batch.end(), std::size_t{0},
                      [](std::size_t sum, const auto& e) { return sum + e.bytes.size(); });
  return batch.size() > 1 && bytes >= worth_waking_bytes &&
         bytes / batch.size() >= mean_bytes_least;
}

} // namespace

decode_crew::decode_crew(unsigned threads)
    : threads_wanted_(std::min(threads, threads_max)),
      slots_(threads_wanted_ == 0 ? 1 : 2 * (threads_wanted_ + 1)) {}

decode_crew::~decode_crew() {
  end();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_there_.notify_all();
  for (auto& t : threads_)
    t.join();
}

void decode_crew::begin(std::span<const packed_entry> batch) {
  const bool spread = threads_wanted_ > 0 && worth_spreading(batch);
  {
    std::unique_lock lock(mutex_);
    claimed_ = given_ = batch_.size(); // nobody begins another
    done_some_.wait(lock, [this] { return busy_ == 0; });
    batch_.assign(batch.begin(), batch.end());
    claimed_ = given_ = 0;
    spread_ = spread;
    for (auto& s : slots_)
      release(s);
  }
  while (spread && threads_.size() < threads_wanted_)
    threads_.emplace_back([this] { work(); });
  if (spread)
    work_there_.notify_all();
}

// The entry that was given last still has its slot.
bool decode_crew::may_claim() const {
  const auto held = given_ == 0 ? 0 : given_ - 1;
  if (claimed_ >= std::min(batch_.size(), held + slots_.size()))
    return false;
  // The entry that is waited for finds no other in a slot.
  return bytes_ == 0 || bytes_ + unpacked_bytes(batch_[claimed_]) <= ahead_bytes_max;
}

void decode_crew::release(slot& s) {
  if (s.bytes > kept_bytes_max)
    s.decoder = std::make_unique<entry_decoder>();
  bytes_ -= s.bytes;
  s.bytes = 0;
  s.decoded = nullptr;
  s.failed = nullptr;
}

void decode_crew::decode_one(std::unique_lock<std::mutex>& lock) {
  const auto entry = batch_[claimed_];
  auto& s = slot_of(claimed_++);
  s.bytes = unpacked_bytes(entry);
  bytes_ += s.bytes;
  ++busy_;
  lock.unlock();
  const decoded_entry* decoded = nullptr;
  std::exception_ptr failed;
  try {
    decoded = &s.decoder->decode(entry);
  } catch (...) {
    failed = std::current_exception();
  }
  lock.lock();
  s.decoded = decoded;
  s.failed = std::move(failed);
  --busy_;
  done_some_.notify_all();
}

const decoded_entry& decode_crew::next() {
  std::unique_lock lock(mutex_);
  if (given_ > 0)
    release(slot_of(given_ - 1));
  auto& s = slot_of(given_++);
  if (spread_)
    work_there_.notify_one(); // a slot is free
  while (!s.decoded && !s.failed) {
    if (may_claim())
      decode_one(lock);
    else
      done_some_.wait(lock);
  }
  if (s.failed)
    std::rethrow_exception(s.failed);
  return *s.decoded;
}

void decode_crew::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_there_.wait(lock, [this] { return stopping_ || (spread_ && may_claim()); });
    if (stopping_)
      return;
    decode_one(lock);
  }
}

} // namespace tocsin
