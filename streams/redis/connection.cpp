#include "streams/redis/connection.hpp"

#include "streams/redis/refusal.hpp"
#include "streams/redis/reply_reader.hpp"
#include "streams/redis/stream_id.hpp"

#include <array>
#include <cassert>
#include <fmt/format.h>
#include <hiredis/hiredis.h>

namespace tocsin::redis {

namespace {

// How errors begin where nobody answered.
constexpr std::string_view cannot_connect = "cannot connect to ";
constexpr std::string_view the_connection = "the connection to ";
constexpr std::size_t receive_bytes = 64 * 1024;
/// A larger send buffer is given back after its flush.
constexpr std::size_t kept_buffer_bytes = std::size_t{1} << 20;

command words_of(std::initializer_list<std::string_view> words) {
  return {words.begin(), words.size()};
}

} // namespace

struct connection::state {
  explicit state(transport t, std::string w) : wire(std::move(t)), where(std::move(w)) {}

  transport wire;
  std::string where;
  reply_reader reader;
  std::string out;
  std::size_t awaited = 0; ///< replies of what is in `out`
  std::vector<reply> replies;
  std::array<char, receive_bytes> in;
  std::int64_t timeout_ms = default_timeout_ms;
  std::size_t answer_bytes_max = 0;
  bool too_large = false; ///< an answer was larger
  std::string why_broken;
  std::string last_words; ///< an error that Redis sent before it hung up

  result<io_step> send_some(std::size_t& sent);
  result<io_step> receive_some();
  /// Sends `out`, of which `sent` bytes are gone, and reads until so many replies are there. False:
  /// out of time.
  result<bool> pump(deadline until, std::size_t& sent, std::size_t wanted);
};

result<io_step> connection::state::send_some(std::size_t& sent) {
  if (sent == out.size())
    return io_step{};
  auto step = wire.try_send(std::string_view(out).substr(sent));
  if (step)
    sent += step->bytes;
  return step;
}

result<io_step> connection::state::receive_some() {
  auto step = wire.try_receive(in);
  if (!step || step->bytes == 0)
    return step;
  if (auto fed = reader.feed({in.data(), step->bytes}); !fed)
    return fed.failure();
  for (;;) {
    auto next = reader.next();
    if (!next)
      return next.failure();
    if (!next->has_value())
      return step;
    replies.push_back(std::move(**next));
  }
}

// Reads while it still writes: a peer that stops reading until its answers are taken, as proxies
// do, cannot bring a long pipeline to a halt.
result<bool> connection::state::pump(deadline until, std::size_t& sent, std::size_t wanted) {
  std::size_t received = 0;
  while (sent < out.size() || replies.size() < wanted) {
    auto wrote = send_some(sent);
    if (!wrote) {
      static_cast<void>(receive_some()); // it may have said why it takes nothing
      return wrote.failure();
    }
    auto got = receive_some();
    if (!got)
      return got.failure();
    received += got->bytes;
    too_large = answer_bytes_max > 0 && received > answer_bytes_max;
    if (too_large)
      return error{fmt::format("the answer has more than {} bytes", answer_bytes_max)};
    if (wrote->bytes + got->bytes > 0)
      continue;
    const bool for_write = (sent < out.size() && !wrote->wants_read) || got->wants_write;
    auto ready = wire.wait(true, for_write, until);
    if (!ready)
      return ready.failure();
    if (!*ready)
      return false;
  }
  return replies.size() <= awaited ? result<bool>(true)
                                   : error{"more answers came than commands were sent"};
}

connection::connection(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;
connection::~connection() = default;

result<connection> connection::open(const redis_address& address, std::string_view client_name) {
  const auto until = deadline_after(address.connect_timeout_ms);
  auto wire = transport::connect(address, until);
  if (!wire)
    return error{
        fmt::format("{}{}: {}", cannot_connect, address.describe(), wire.failure().message)};
  connection c(std::make_unique<state>(std::move(*wire), address.describe()));
  if (auto s = c.log_in(address, client_name, until); !s)
    return s.failure();
  return c;
}

namespace {

error auth_error(const std::string& where, const redis_address& address, const reply& r) {
  const auto who = address.user.empty() ? std::string("the password")
                                        : fmt::format("user `{}` and its password", address.user);
  return error{fmt::format("{} refused {}: {}: correct them in the Redis URL or options", where,
                           who, r.text)};
}

error greeting_error(const std::string& where, const reply& r) {
  if (r.error_code() == "NOAUTH")
    return error{fmt::format("{} wants a password: {}: add it to the Redis URL "
                             "(redis://user:password@host)",
                             where, r.text)};
  return error{fmt::format("{} refused to be used: {}", where, r.text)};
}

bool just_not_ready(const reply& r) {
  return r.error_code() == "LOADING" || r.error_code() == "BUSY" ||
         r.error_code() == "MASTERDOWN" || r.error_code() == "NOPERM";
}

} // namespace

status connection::log_in(const redis_address& address, std::string_view client_name,
                          deadline until) {
  const bool auth = !address.password.empty();
  if (auth && address.user.empty())
    append({"AUTH", address.password});
  else if (auth)
    append({"AUTH", address.user, address.password});
  const auto database = std::to_string(address.database);
  append({"SELECT", database});
  append({"CLIENT", "SETNAME", client_name}); // may be forbidden, and is only a courtesy
  append({"PING"});
  auto replies = flush_until(until);
  if (!replies && !state_->last_words.empty()) // maxclients: it says so and hangs up
    return error{fmt::format("{} refused the connection: {}", where(), state_->last_words)};
  if (!replies)
    return replies.failure();
  auto next = replies->begin();
  if (auth && next->is_error())
    return auth_error(where(), address, *next);
  next += auth ? 1 : 0;
  const reply& selected = *next;
  const reply& pong = replies->back();
  if (pong.is_error() && !just_not_ready(pong))
    return greeting_error(where(), pong);
  if (selected.is_error() && address.database != 0)
    return error{fmt::format("{} has no database {}: {}", where(), database, selected.text)};
  return done{};
}

error connection::broken_error() const {
  return error{fmt::format("{}{} is lost: {}", the_connection, where(), state_->why_broken)};
}

bool connection::pump_or_break(deadline until, std::size_t& sent, std::size_t wanted) {
  auto& s = *state_;
  auto pumped = s.pump(until, sent, wanted);
  if (!pumped)
    s.why_broken = pumped.failure().message;
  else if (!*pumped)
    s.why_broken = "no answer in time";
  return !broken();
}

void connection::release_sent() {
  auto& out = state_->out;
  out.clear();
  if (out.capacity() > kept_buffer_bytes)
    out.shrink_to_fit();
}

result<std::vector<reply>> connection::flush_until(deadline until) {
  auto& s = *state_;
  if (broken())
    return broken_error();
  std::size_t sent = 0;
  pump_or_break(until, sent, s.awaited);
  release_sent();
  s.awaited = 0;
  auto replies = std::move(s.replies);
  s.replies.clear();
  if (!broken())
    return replies;
  if (!replies.empty() && replies.front().is_error())
    s.last_words = replies.front().text;
  return broken_error();
}

status connection::send() {
  if (broken())
    return broken_error();
  std::size_t sent = 0;
  pump_or_break(deadline_after(state_->timeout_ms), sent, 0);
  release_sent();
  return broken() ? status(broken_error()) : status(done{});
}

result<reply> connection::receive() {
  auto& s = *state_;
  assert((broken() || (s.awaited > 0 && s.out.empty())) && "send before receiving");
  std::size_t sent = 0;
  if (broken() || !pump_or_break(deadline_after(s.timeout_ms), sent, 1))
    return broken_error();
  auto first = std::move(s.replies.front());
  s.replies.erase(s.replies.begin());
  --s.awaited;
  return first;
}

void connection::append(command words) {
  assert(!words.empty());
  if (broken())
    return;
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  starts.reserve(words.size());
  sizes.reserve(words.size());
  for (auto w : words) {
    starts.push_back(w.data() == nullptr ? "" : w.data());
    sizes.push_back(w.size());
  }
  char* text = nullptr;
  const auto size =
      redisFormatCommandArgv(&text, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) {
    state_->why_broken = "out of memory while writing a command";
    return;
  }
  state_->out.append(text, static_cast<std::size_t>(size));
  redisFreeCommand(text);
  ++state_->awaited;
}

void connection::append(std::initializer_list<std::string_view> words) {
  append(words_of(words));
}

result<std::vector<reply>> connection::flush() {
  return flush(state_->timeout_ms);
}

result<std::vector<reply>> connection::flush(std::int64_t timeout_ms) {
  return flush_until(deadline_after(timeout_ms));
}

std::size_t connection::pending_bytes() const noexcept {
  return state_->out.size();
}

result<reply> connection::exchange(command words, std::int64_t timeout_ms) {
  assert((broken() || state_->awaited == 0) && "flush before calling");
  append(words);
  auto replies = flush(timeout_ms);
  if (!replies)
    return replies.failure();
  return std::move(replies->front());
}

result<reply> connection::exchange(command words) {
  return exchange(words, state_->timeout_ms);
}

result<reply> connection::exchange(std::initializer_list<std::string_view> words) {
  return exchange(words_of(words));
}

result<std::optional<reply>> connection::exchange_or_stall(command words, std::int64_t timeout_ms,
                                                           const wait_nudge& nudge) {
  assert((broken() || state_->awaited == 0) && "flush before calling");
  if (broken())
    return broken_error();
  append(words);
  const auto until = deadline_after(timeout_ms);
  std::size_t sent = 0;
  auto pumped = state_->pump(nudge.then ? deadline_after(nudge.after_ms) : until, sent, 1);
  if (nudge.then && pumped && !*pumped) {
    nudge.then();
    pumped = state_->pump(until, sent, 1);
  }
  state_->out.clear();
  state_->awaited = 0;
  auto replies = std::move(state_->replies);
  state_->replies.clear();
  if (!pumped) {
    state_->why_broken = pumped.failure().message;
    return broken_error();
  }
  if (!*pumped) {
    state_->why_broken = "no answer in time";
    return std::optional<reply>();
  }
  return std::optional<reply>(std::move(replies.front()));
}

result<reply> connection::call(command words, std::int64_t timeout_ms) {
  auto r = exchange(words, timeout_ms);
  if (r && r->is_error())
    return reply_error(*this, words.front(), *r);
  return r;
}

result<reply> connection::call(command words) {
  return call(words, state_->timeout_ms);
}

result<reply> connection::call(std::initializer_list<std::string_view> words) {
  return call(words_of(words));
}

result<reply> connection::call(std::initializer_list<std::string_view> words,
                               std::int64_t timeout_ms) {
  return call(words_of(words), timeout_ms);
}

result<std::int64_t> connection::server_time_ms() {
  auto r = call({"TIME"});
  if (!r)
    return r.failure();
  auto ms = time_reply_ms(*r);
  return ms ? result<std::int64_t>(*ms) : shape_error(*this, "TIME");
}

void connection::set_answer_bytes_max(std::size_t bytes) noexcept {
  state_->answer_bytes_max = bytes;
}
bool connection::answer_was_too_large() const noexcept {
  return state_->too_large;
}

bool connection::broken() const noexcept {
  return !state_->why_broken.empty();
}
const std::string& connection::where() const noexcept {
  return state_->where;
}
void connection::set_timeout_ms(std::int64_t timeout_ms) noexcept {
  state_->timeout_ms = timeout_ms;
}

bool is_refusal(const error& why_not_open) {
  return !why_not_open.message.starts_with(cannot_connect) &&
         !why_not_open.message.starts_with(the_connection);
}

std::optional<std::int64_t> time_reply_ms(const reply& r) {
  if (!r.is_array() || r.elements.size() != 2)
    return std::nullopt;
  const auto seconds = parse_unsigned(r.elements[0].text);
  const auto micros = parse_unsigned(r.elements[1].text);
  if (!seconds || !micros)
    return std::nullopt;
  return static_cast<std::int64_t>(*seconds * 1000 + *micros / 1000);
}

error reply_error(const connection& c, std::string_view what, const reply& r) {
  return error{fmt::format("{}: {}: {}", c.where(), what, r.text)};
}

error shape_error(const connection& c, std::string_view what) {
  return error{fmt::format("{}: {}: the answer has an unexpected shape", c.where(), what)};
}

} // namespace tocsin::redis
