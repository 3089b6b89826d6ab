#include "actors/api/engine_record.hpp"

namespace tocsin {

void engine_record::add(const tick_report& t) {
  const std::lock_guard lock(mutex_);
  ticks_.push_back(t);
}

void engine_record::add(rejection r) {
  r.what.resize(std::min(r.what.size(), text_bytes_max));
  r.why.resize(std::min(r.why.size(), text_bytes_max));
  const std::lock_guard lock(mutex_);
  rejections_.push_back(std::move(r));
}

std::vector<tick_report> engine_record::ticks() const {
  const std::lock_guard lock(mutex_);
  return {ticks_.begin(), ticks_.end()};
}

std::vector<engine_record::rejection> engine_record::rejections() const {
  const std::lock_guard lock(mutex_);
  return {rejections_.begin(), rejections_.end()};
}

} // namespace tocsin
