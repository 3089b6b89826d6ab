#pragma once

#include "actors/machine/measured_field.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What an interface counted since it is there.
struct interface_counts {
  std::uint64_t received = 0, sent = 0; ///< bytes
  std::uint64_t errors = 0;             ///< of both directions; dropped packets are none
};

/// The interfaces of the text of /proc/net/dev by name; of two of one name the first. Lines that
/// are none are skipped.
std::map<std::string, interface_counts> read_interfaces(std::string_view net_dev);

/// Whether a name is of those that programs for containers and virtual machines give to what they
/// make and remove, such as `veth1a2b3c`. Its traffic crosses another interface, too.
bool is_of_a_guest(std::string_view interface);

/// Turns counters into rates per second: `net.receive.eth0` and `net.transmit.eth0` (bytes), and
/// `net.errors.eth0` from the first error on.
///
/// 1. Rates are over the time between two readings. An interface that is new, or of which a counter
///    went back, has none until the next reading.
/// 2. Two readings within `span_us_min` give no rates: of so short a time they say nothing. The
///    older one is kept.
/// 3. At most `interfaces_max` interfaces, the first by name of those that are reported; the first
///    one left out is said once.
class net_meter {
public:
  static constexpr std::size_t interfaces_max = 8;
  static constexpr std::size_t asked_max = 256; ///< whether they are up, a reading
  static constexpr std::int64_t span_us_min = 50'000;

  /// Whether an interface is up and not the loopback.
  using ask = std::function<bool(const std::string& interface)>;

  void take(std::string_view net_dev, std::int64_t steady_us, const ask& is_up,
            std::vector<measured_field>& out);

  said_once& remarks() { return remarks_; }

private:
  std::map<std::string, interface_counts> chosen(std::string_view net_dev, const ask& is_up);

  std::map<std::string, interface_counts> before_;
  std::int64_t before_us_ = 0;
  bool any_before_ = false;
  said_once remarks_;
};

} // namespace tocsin
