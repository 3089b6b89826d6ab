#pragma once

#include "config/named_file.hpp"
#include "config/problem_list.hpp"
#include "config/sinks.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// More sinks than that are a mistake: each has a thread and a connection to Redis.
inline constexpr std::size_t webhooks_max = 64;

/// The name is part of a consumer group's and of a metric's label.
inline constexpr std::size_t webhook_name_bytes_max = 64;
bool fits_webhook_name(std::string_view name);

/// Every key a webhook may have.
std::span<const std::string_view> webhook_keys();

/// Reads an array of webhooks, and reports everything that is wrong with them. Without `files`,
/// what they would hold is left empty. No message quotes a secret, a header or the path of a URL.
std::vector<webhook> read_webhooks(const json_cursor& array, const file_source& files,
                                   problem_list& problems);

/// The same for one object.
webhook read_webhook(const json_cursor& object, const file_source& files, problem_list& problems);

/// The name of a webhook that has none: its host and a few digits that stand for the rest of its
/// URL, which may be secret. "hooks.example.com-1f0c3a9e".
std::string default_webhook_name(std::string_view url, std::string_view host);

/// Reads a URL that paths are appended to: without query, without slash at its end.
std::optional<std::string> read_base_url(const json_cursor&, problem_list&);

} // namespace tocsin
