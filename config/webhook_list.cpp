#include "config/webhook_reader.hpp"

#include "config/keyed_hash.hpp"
#include "config/text_map_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <unordered_map>

namespace tocsin {

namespace {

using kind = json_node::kind;

// Where the name of a webhook stands, or the webhook where it has none.
origin place_of_name(const json_cursor& object) {
  const auto* member = object.node().find("name");
  return member ? object.child(*member).place() : object.place();
}

bool is_name_char(char c) {
  return is_plain_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
}

} // namespace

bool fits_webhook_name(std::string_view name) {
  return name.size() <= webhook_name_bytes_max &&
         std::all_of(name.begin(), name.end(), is_name_char);
}

std::string default_webhook_name(std::string_view url, std::string_view host) {
  constexpr std::size_t digits_bytes = 9; // "-1f0c3a9e"
  std::uint32_t hash = 2'166'136'261;     // FNV-1a
  for (const auto c : url)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
  std::string name(host.substr(0, webhook_name_bytes_max - digits_bytes));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_name_char(c); }, '-');
  return fmt::format("{}-{:08x}", name, hash);
}

std::vector<webhook> read_webhooks(const json_cursor& array, const file_source& files,
                                   problem_list& problems) {
  std::vector<webhook> out;
  if (array.node().type != kind::array) {
    problems.error(array.place(), fmt::format("expected an array of webhooks, found {}",
                                              array.node().kind_name()));
    return out;
  }
  std::unordered_map<std::string, std::string, text_hash> taken; // pointers by name
  for (std::size_t i = 0; i < array.node().items.size(); ++i) {
    const auto item = array.child(i);
    if (item.node().type != kind::object) {
      problems.error(item.place(),
                     fmt::format(R"(expected a webhook such as {{"url": "https://…"}},)"
                                 " found {}",
                                 item.node().kind_name()));
      continue;
    }
    out.push_back(read_webhook(item, files, problems));
    const auto& name = out.back().name;
    const auto place = place_of_name(item);
    const auto [first, fresh] = taken.try_emplace(name, place.pointer);
    if (!fresh && !name.empty())
      problems.error(place, fmt::format("the name `{}` is taken: {} has it already; give this one "
                                        "a `name` of its own",
                                        name, first->second));
  }
  if (out.size() > webhooks_max)
    problems.error(array.place(),
                   fmt::format("{} are too many: at most {}", out.size(), webhooks_max));
  return out;
}

} // namespace tocsin
