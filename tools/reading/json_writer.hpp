#pragma once

#include "config/json_document.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace tocsin {

/// A value as JSON on one line: numbers as they were written, members in their order, of equal keys
/// the one that counts.
std::string write_json(const json_node&);
/// The same of an object, with some text before its members, such as `"event":"opened"`, and
/// without those that are named.
std::string write_object(const json_node& object, std::string_view before,
                         std::initializer_list<std::string_view> leave_out = {});

/// The text of a member that is a string, or a number as it was written; empty: there is none.
const std::string& text_of(const json_node& object, std::string_view key);
/// A member, or null where there is none.
const json_node& member_of(const json_node& object, std::string_view key);

} // namespace tocsin
