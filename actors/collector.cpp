#include "actors/collector.hpp"

#include <algorithm>

namespace tocsin {

namespace {

using collector_self = caf::stateful_actor<collector_state>*;

constexpr std::size_t entry_bytes = std::size_t{256} << 10;
constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20;
constexpr std::chrono::milliseconds linger{50};

void close_entry(collector_state& s) {
  if (s.text.empty())
    return;
  auto packed = s.packer.write(s.text);
  s.ready.push_back({std::string(packed.form), std::move(packed.bytes)});
  s.text.clear();
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

// Puts lines into entries; returns the numbers of the first and the last one that holds some.
std::pair<std::uint64_t, std::uint64_t> add_lines(collector_state& s, std::string_view lines) {
  const auto first = s.entries_made + 1;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n') + 1);
    if (!s.text.empty() && s.text.size() + line.size() > entry_bytes)
      close_entry(s);
    s.text += line;
    lines.remove_prefix(line.size());
  }
  return {first, s.entries_made + 1};
}

void take(collector_self self, engine_context& ctx, const caf::actor& writer,
          const intake_ptr& request) {
  auto& s = self->state;
  if (s.stopping)
    return request->answer({intake_answer::outcome::away, "the engine is stopping"});
  if (s.waiting_bytes + request->lines.size() > waiting_bytes_max) {
    ctx.metrics.requests_overloaded.add();
    return request->answer(
        {intake_answer::outcome::overloaded, "64 MiB of samples wait to be written to Redis"});
  }
  s.waiting_bytes += request->lines.size();
  const auto [first, last] = add_lines(s, request->lines);
  s.requests.push_back({request, last, {}, first});
  if (s.text.size() >= entry_bytes)
    close_entry(s);
  write_ready(self, writer);
  if (!s.text.empty() && !std::exchange(s.lingering, true))
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
    s.waiting_bytes -= r.request->lines.size();
    r.request->answer(r.answer);
  }
}

void quit_when_empty(collector_self self) {
  if (self->state.stopping && self->state.requests.empty())
    self->quit();
}

} // namespace

caf::behavior collector(collector_self self, engine_context* ctx, caf::actor writer) {
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
