#include "actors/collector.hpp"

#include "actors/guard.hpp"

#include <algorithm>

namespace tocsin {

namespace {

using collector_self = caf::stateful_actor<collector_state>*;

constexpr std::size_t entry_bytes = std::size_t{256} << 10;
constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20;
constexpr std::chrono::milliseconds linger{50};

void close_entry(collector_state& s) {
  if (s.filling.empty())
    return;
  s.ready.push_back({"c", s.filling.take()});
  ++s.entries_made;
}

void write_ready(collector_self self, const caf::actor& writer) {
  auto& s = self->state;
  if (s.writing || s.ready.empty())
    return;
  s.writing = true;
  auto payloads = std::make_shared<const std::vector<redis::log_payload>>(std::move(s.ready));
  s.ready.clear();
  self->send(writer, append_atom::value, payloads_ptr(std::move(payloads)));
}

// A sample that is too large for columns is an entry of its own.
void add_line(collector_state& s, std::string_view line) {
  close_entry(s);
  auto packed = s.packer.write(line);
  s.ready.push_back({std::string(packed.form), std::move(packed.bytes)});
  ++s.entries_made;
}

// Puts samples into entries; returns the numbers of the first and the last one that holds some.
std::pair<std::uint64_t, std::uint64_t> add_samples(collector_state& s, const sample_rows& rows) {
  const auto first = s.entries_made + 1;
  s.filling.begin();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (const auto line = rows[i].line; !line.empty()) {
      add_line(s, line);
      continue;
    }
    s.filling.add(rows, i);
    if (s.filling.weight() >= entry_bytes)
      close_entry(s);
  }
  return {first, s.entries_made + (s.filling.empty() ? 0 : 1)};
}

void take(collector_self self, engine_context& ctx, const caf::actor& writer,
          const intake_ptr& request) {
  auto& s = self->state;
  if (s.stopping)
    return request->answer({intake_answer::outcome::away, "the engine is stopping"});
  if (ctx.log_full) {
    ctx.metrics.requests_overloaded.add();
    return request->answer({intake_answer::outcome::overloaded,
                            "the log is full of samples that no engine has evaluated yet"});
  }
  const auto bytes = request->samples.bytes();
  if (s.waiting_bytes + bytes > waiting_bytes_max) {
    ctx.metrics.requests_overloaded.add();
    return request->answer(
        {intake_answer::outcome::overloaded, "64 MiB of samples wait to be written to Redis"});
  }
  s.waiting_bytes += bytes;
  const auto [first, last] = add_samples(s, request->samples);
  request->samples = {};
  s.requests.push_back({request, last, {}, first, bytes});
  write_ready(self, writer);
  if (!s.filling.empty() && !std::exchange(s.lingering, true))
    self->delayed_send(self, linger, tick_atom::value);
}

void answer_stored(collector_self self, const std::vector<intake_answer>& results) {
  auto& s = self->state;
  using o = intake_answer::outcome;
  for (const auto& result : results) {
    const auto number = ++s.entries_answered;
    for (auto& r : s.requests) {
      if (r.first_entry > number)
        break;
      if (result.what != o::stored && number <= r.last_entry)
        r.answer = result;
    }
  }
  while (!s.requests.empty() && s.requests.front().last_entry <= s.entries_answered) {
    auto r = std::move(s.requests.front());
    s.requests.pop_front();
    s.waiting_bytes -= r.bytes;
    r.request->answer(r.answer);
  }
}

void quit_when_empty(collector_self self) {
  if (self->state.stopping && self->state.requests.empty())
    self->quit();
}

} // namespace

caf::behavior collector(collector_self self, engine_context* ctx, caf::actor writer) {
  guard(self);
  return {
      [=](take_atom, const intake_ptr& request) { take(self, *ctx, writer, request); },
      [=](tick_atom) {
        self->state.lingering = false;
        close_entry(self->state);
        write_ready(self, writer);
      },
      [=](stored_atom, const stored_ptr& results) {
        self->state.writing = false;
        answer_stored(self, *results);
        write_ready(self, writer);
        quit_when_empty(self);
      },
      [=](stop_atom) {
        self->state.stopping = true;
        close_entry(self->state);
        write_ready(self, writer);
        quit_when_empty(self);
      },
  };
}

} // namespace tocsin
