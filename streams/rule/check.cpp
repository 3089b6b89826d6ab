#include "streams/rule/check.hpp"

namespace tocsin {

void block_checker::check(std::size_t block, std::vector<verdict_change>& out) {
  find_blind();
  if (block >= blocks_.size())
    blocks_.resize(block + 1);
  auto& fields = blocks_[block];
  fields.resize(plan_.fields().size());
  const check_context context{plan_.rules(), open_, block, blind_, scratch_};
  for (field_index f = 0; f < plan_.fields().size(); ++f) {
    const auto* values = ring_.find(f, block);
    if (!values)
      continue;
    if (!fields[f])
      fields[f] = std::make_unique<field_check>(plan_.fields()[f], f, &memory_);
    fields[f]->advance(*values, ring_.sealed(), ring_.patches(block));
    fields[f]->check(*values, context, out);
  }
}

void block_checker::find_blind() {
  const auto n = ring_.sealed();
  if (n == blind_at_)
    return;
  blind_at_ = n;
  blind_.clear();
  for (std::int64_t i = 0; i < plan_.longest_window(); ++i)
    if (history_.blind(n - i))
      blind_.push_back(n - i);
}

} // namespace tocsin
