#include "streams/window/open_ticks.hpp"

#include <limits>

namespace tocsin {

namespace {

// A stamp in a word: 0 is none; the top bit says that the sample named its time, the rest is the
// distance from the start of the tick plus one. Intervals are below 2^31 ms.
constexpr std::uint32_t named_bit = std::uint32_t{1} << 31;

constexpr std::uint32_t pack(std::int64_t offset_ms, bool named) {
  return static_cast<std::uint32_t>(offset_ms + 1) | (named ? named_bit : 0);
}

template <class T>
T& tagged_block(std::vector<std::unique_ptr<T>>& blocks, std::size_t index, tick n,
                typename decltype(T::at)::value_type empty) {
  if (index >= blocks.size())
    blocks.resize(index + 1);
  auto& b = blocks[index];
  if (!b)
    b = std::make_unique<T>();
  if (b->of != n) {
    b->of = n;
    b->at.fill(empty);
  }
  return *b;
}

} // namespace

open_ticks::stamp_word* open_ticks::stamps(std::size_t block, field_index field, tick n) {
  if (field >= stamps_.size())
    stamps_.resize(field + 1);
  return tagged_block(stamps_[field], block * slots_ + slot(n), n, 0).at.data();
}

open_ticks::stamp_word open_ticks::word_of(tick n, stamp at) const {
  return pack(at.ts_ms - grid_.start_ms(n), at.named);
}

open_ticks::place open_ticks::take(host_index host, field_index field, tick n, stamp at) {
  const auto block = host / block_hosts;
  auto& word = stamps(block, field, n)[host % block_hosts];
  auto* all = servers(block, field, n, at.server != 0);
  return take({word, all ? all + host % block_hosts : nullptr}, host, field, n, word_of(n, at),
              at.server);
}

open_ticks::server_key* open_ticks::servers(std::size_t block, field_index field, tick n,
                                            bool make) {
  auto& all = stamps_[field][block * slots_ + slot(n)]->servers;
  if (!all && make)
    all = std::make_unique<std::array<server_key, block_hosts>>();
  return all ? all->data() : nullptr;
}

open_ticks::place open_ticks::take(taken_place at, host_index host, field_index field, tick n,
                                   stamp_word coming, server_key server) {
  auto& here = at.word;
  if (here == 0) {
    here = coming;
    if (at.server)
      *at.server = server;
    return place::empty;
  }
  const auto server_here = at.server ? *at.server : 0;
  auto& others = sets_[slot(n)];
  const auto host_field = std::uint64_t{host} << 32 | field;
  const auto ts_ms = grid_.start_ms(n) + (coming & ~named_bit) - 1;
  if ((coming & named_bit) &&
      ((here == coming && server_here == server) || others.contains({host_field, ts_ms, server})))
    return place::repeated;
  if (repetitions_ >= repetitions_max)
    return place::full;
  const bool newer = (coming & ~named_bit) >= (here & ~named_bit);
  // The stamp keeps the greatest time; of the other one only a repetition needs to be known.
  const auto other = newer ? here : coming;
  if (other & named_bit)
    repetitions_ += others
                        .insert({host_field, grid_.start_ms(n) + (other & ~named_bit) - 1,
                                 newer ? server_here : server})
                        .second;
  if (newer) {
    here = coming;
    if (at.server)
      *at.server = server;
  }
  return newer ? place::newer : place::older;
}

bool open_ticks::has_value(host_index host, tick n) const {
  const auto index = host / block_hosts * slots_ + slot(n);
  if (index >= has_value_.size() || !has_value_[index] || has_value_[index]->of != n)
    return false;
  return has_value_[index]->at[host % block_hosts];
}

void open_ticks::set_has_value(host_index host, tick n) {
  auto& b = tagged_block(has_value_, host / block_hosts * slots_ + slot(n), n, false);
  b.at[host % block_hosts] = true;
}

double* open_ticks::reported_row(std::size_t block, tick n) {
  return tagged_block(reported_, block * slots_ + slot(n), n,
                      std::numeric_limits<double>::quiet_NaN())
      .at.data();
}

double& open_ticks::reported(host_index host, tick n) {
  return reported_row(host / block_hosts, n)[host % block_hosts];
}

void open_ticks::clear_host(host_index host) {
  const auto first = host / block_hosts * slots_;
  const auto h = host % block_hosts;
  const auto clear = [&](auto& blocks, auto empty) {
    for (auto i = first; i < first + slots_ && i < blocks.size(); ++i)
      if (blocks[i])
        blocks[i]->at[h] = empty;
  };
  for (auto& field : stamps_)
    clear(field, std::uint32_t{0});
  clear(reported_, std::numeric_limits<double>::quiet_NaN());
  clear(has_value_, false);
  for (auto& set : sets_)
    repetitions_ -= std::erase_if(set, [&](const key& k) { return k.host_field >> 32 == host; });
}

void open_ticks::close(tick n) {
  auto& set = sets_[slot(n)];
  repetitions_ -= set.size();
  if (set.bucket_count() > 1024)
    set = {};
  else
    set.clear();
}

} // namespace tocsin
