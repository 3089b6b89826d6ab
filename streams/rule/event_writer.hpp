#pragma once

#include "streams/rule/annotation_writer.hpp"
#include "streams/rule/incident.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// Writes events of one tick after the other in the forms that go to Redis. Keeps what events of
/// one rule or one moment share, so events in order cost about a microsecond each. Not for two
/// threads at once.
class event_writer {
public:
  /// A new tick begins: rules and hosts seen before may be gone.
  void begin_tick(std::string_view cluster) {
    cluster_ = cluster;
    about_ = nullptr;
  }

  /// Takes an event; what follows is about it, until the next one.
  void take(const event_view&, std::uint64_t seq);

  std::string_view id() const { return {id_.data(), id_.size()}; }
  /// Name and value of every field of its entry in the incident stream, in order.
  std::span<const std::string_view> fields() const { return {fields_.data(), field_count_}; }
  /// The incident as one JSON object, for the hash of open incidents: id, ruleName, hostName,
  /// startTime, triggerValue, field, aggregation, operand, threshold, timeframe, and labels and
  /// annotations where there are any.
  const std::string& open_json();

private:
  void take_rule(const rule&);
  void write_fields();

  struct time_text {
    std::int64_t ms = -1;
    std::string text;
    void set(std::int64_t to_ms);
  };

  std::string cluster_;
  // Of the rule.
  const rule* about_ = nullptr;
  std::string id_base_, threshold_, timeframe_, json_name_, json_tail_, labels_;
  annotation_writer annotation_writer_;
  // Of the event.
  event_view event_;
  time_text start_, end_;
  std::array<char, 22> id_{};
  std::string id_text_, seq_, value_, json_;
  std::string_view annotations_; // empty: none
  std::array<std::string_view, 34> fields_;
  std::size_t field_count_ = 0;
};

} // namespace tocsin
