#include "streams/window/column_memory.hpp"

#include <cstdint>
#include <new>
#include <sys/mman.h>

namespace tocsin {

namespace {

constexpr std::size_t huge_page_bytes = std::size_t{1} << 21;

constexpr std::size_t rounded(std::size_t bytes) {
  return (bytes + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
}

} // namespace

void* column_memory::regions::do_allocate(std::size_t bytes, std::size_t) {
  // A page more than asked for, of which the ends that lie off the boundaries go back at once.
  const auto size = rounded(bytes);
  void* const mapped = mmap(nullptr, size + huge_page_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    throw std::bad_alloc();
  auto* const begin = static_cast<char*>(mapped);
  const auto head = (huge_page_bytes - reinterpret_cast<std::uintptr_t>(begin) % huge_page_bytes) %
                    huge_page_bytes;
  if (head > 0)
    munmap(begin, head);
  if (head < huge_page_bytes)
    munmap(begin + head + size, huge_page_bytes - head);
  madvise(begin + head, size, MADV_HUGEPAGE); // where the kernel does not, pages are small
  return begin + head;
}

void column_memory::regions::do_deallocate(void* p, std::size_t bytes, std::size_t) {
  munmap(p, rounded(bytes));
}

} // namespace tocsin
