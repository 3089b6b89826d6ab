#include "streams/rule/spare_list.hpp"

#include <gtest/gtest.h>
#include <thread>

namespace tocsin::spare_list_test {
namespace {

using list = borrowed_list<int>;

void fill(list& l, std::size_t n) {
  l->assign(n, 1);
}

TEST(spare_list, gives_the_memory_of_one_list_to_the_next) {
  const auto spare = std::make_shared<spare_list<int>>();
  const int* memory = nullptr;
  {
    list first(spare);
    fill(first, 1'000);
    memory = first->data();
  }
  list second(spare);
  EXPECT_TRUE(second->empty());
  EXPECT_EQ(second->capacity(), 1'000u);
  fill(second, 10);
  EXPECT_EQ(second->data(), memory);
}

TEST(spare_list, gives_back_what_was_hardly_filled) {
  const auto spare = std::make_shared<spare_list<int>>();
  {
    list l(spare);
    l->reserve(1'000);
    fill(l, 249);
  }
  EXPECT_EQ(list(spare)->capacity(), 0u);
}

TEST(spare_list, keeps_no_list_beyond_its_bound) {
  spare_list<char> spare;
  std::vector<char> huge(spare_list<char>::bytes_max + 1);
  spare.put(std::move(huge));
  EXPECT_EQ(spare.take().capacity(), 0u);
}

TEST(spare_list, keeps_the_larger_of_two) {
  const auto spare = std::make_shared<spare_list<int>>();
  {
    list small(spare), large(spare);
    fill(small, 10);
    fill(large, 100);
  }
  EXPECT_EQ(list(spare)->capacity(), 100u);
}

TEST(spare_list, is_given_back_once_by_a_list_that_was_moved) {
  const auto spare = std::make_shared<spare_list<int>>();
  list outer;
  {
    list inner(spare);
    fill(inner, 100);
    outer = std::move(inner);
  }
  EXPECT_EQ(spare->take().capacity(), 0u);
  EXPECT_EQ(outer->size(), 100u);
}

TEST(spare_list, outlives_nobody_who_borrowed_from_it) {
  list l;
  {
    const auto spare = std::make_shared<spare_list<int>>();
    l = list(spare);
    fill(l, 100);
  }
  std::thread([moved = std::move(l)] { EXPECT_EQ(moved->size(), 100u); }).join();
}

} // namespace
} // namespace tocsin::spare_list_test
