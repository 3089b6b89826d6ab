#include "streams/redis/reply_reader.hpp"

#include <hiredis/hiredis.h>
#include <new>

namespace tocsin::redis {

namespace {

// The element that the parser is about to make: a new one, or its place in its parent's array.
reply* place_for(const redisReadTask* task) {
  if (task->parent == nullptr)
    return new (std::nothrow) reply;
  auto& siblings = static_cast<reply*>(task->parent->obj)->elements;
  return &siblings[static_cast<std::size_t>(task->idx)];
}

reply::kind kind_of(int type) {
  switch (type) {
  case REDIS_REPLY_STATUS:
    return reply::kind::simple;
  case REDIS_REPLY_ERROR:
    return reply::kind::error;
  default:
    return reply::kind::string;
  }
}

// What a root that could not be filled leaves behind.
void* give_up(const redisReadTask* task, reply* r) {
  if (task->parent == nullptr)
    delete r;
  return nullptr;
}

void* create_string(const redisReadTask* task, char* bytes, std::size_t size) {
  reply* r = place_for(task);
  if (r == nullptr)
    return nullptr;
  try {
    r->text.assign(bytes, size);
  } catch (const std::bad_alloc&) {
    return give_up(task, r);
  }
  r->type = kind_of(task->type);
  return r;
}

// The type of `count` differs between hiredis 0.14 (int) and 1.x (size_t).
template <class Count>
void* create_array(const redisReadTask* task, Count count) {
  const auto size = static_cast<std::size_t>(count);
  reply* r = size > reply_reader::array_elements_max ? nullptr : place_for(task);
  if (r == nullptr)
    return nullptr;
  try {
    r->elements.resize(size);
  } catch (const std::bad_alloc&) {
    return give_up(task, r);
  }
  r->type = reply::kind::array;
  return r;
}

void* create_integer(const redisReadTask* task, long long value) {
  reply* r = place_for(task);
  if (r == nullptr)
    return nullptr;
  r->type = reply::kind::integer;
  r->number = value;
  return r;
}

void* create_nil(const redisReadTask* task) {
  return place_for(task);
}

void free_root(void* root) {
  delete static_cast<reply*>(root);
}

redisReplyObjectFunctions* builders() {
  static redisReplyObjectFunctions f = [] {
    redisReplyObjectFunctions made{};
    made.createString = create_string;
    made.createArray = create_array;
    made.createInteger = create_integer;
    made.createNil = create_nil;
    made.freeObject = free_root;
    return made;
  }();
  return &f;
}

} // namespace

void reply_reader::release::operator()(redisReader* r) const noexcept {
  redisReaderFree(r);
}

reply_reader::reply_reader() : reader_(redisReaderCreateWithFunctions(builders())) {}
reply_reader::~reply_reader() = default;
reply_reader::reply_reader(reply_reader&&) noexcept = default;
reply_reader& reply_reader::operator=(reply_reader&&) noexcept = default;

status reply_reader::feed(std::string_view bytes) {
  if (!reader_ || redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK)
    return error{"out of memory while reading a reply"};
  return done{};
}

result<std::optional<reply>> reply_reader::next() {
  void* root = nullptr;
  if (redisReaderGetReply(reader_.get(), &root) != REDIS_OK)
    return error{std::string("this is not the Redis protocol: ") + reader_->errstr};
  if (root == nullptr)
    return std::optional<reply>();
  const std::unique_ptr<reply> whole(static_cast<reply*>(root));
  return std::optional<reply>(std::move(*whole));
}

} // namespace tocsin::redis
