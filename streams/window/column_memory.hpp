#pragma once

#include <memory>
#include <memory_resource>
#include <utility>

namespace tocsin {

/// Memory of columns: large, 64-byte aligned, kept as long as its owner. With huge pages a check,
/// which walks many columns at once, misses far fewer address translations.
///
/// Hands out pieces of regions of 2 MiB and more; only what is touched takes memory. Nothing is
/// given back before the end. One thread at a time.
class column_memory final : public std::pmr::memory_resource {
public:
  column_memory() : pieces_(first_region_bytes, &regions_) {}

private:
  // Regions from the kernel, on huge pages where it has them.
  class regions final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t bytes, std::size_t alignment) override;
    void do_deallocate(void* p, std::size_t bytes, std::size_t alignment) override;
    bool do_is_equal(const memory_resource& other) const noexcept override {
      return this == &other;
    }
  };
  static constexpr std::size_t first_region_bytes = std::size_t{1} << 21;

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return pieces_.allocate(bytes, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  regions regions_;
  std::pmr::monotonic_buffer_resource pieces_;
};

/// An object in some memory.
template <class T>
struct memory_delete {
  std::pmr::memory_resource* memory = nullptr;
  void operator()(T* p) const {
    p->~T();
    memory->deallocate(p, sizeof(T), alignof(T));
  }
};
template <class T>
using memory_ptr = std::unique_ptr<T, memory_delete<T>>;

template <class T, class... Args>
memory_ptr<T> make_in(std::pmr::memory_resource* memory, Args&&... args) {
  void* place = memory->allocate(sizeof(T), alignof(T));
  return memory_ptr<T>(new (place) T(std::forward<Args>(args)...), {memory});
}

} // namespace tocsin
