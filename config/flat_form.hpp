#pragma once

#include "config/json_document.hpp"
#include "config/problem_list.hpp"

#include <string>
#include <string_view>

namespace tocsin {

/// The flat form of the configuration, for whoever has no Botpress: what stands below
/// `pro.monitoring`, `pro.alerting` and `tocsin` there stands at the top here, some of it under a
/// name of its own (`interval`, `checkInterval`). Both services are on unless `enabled` is false.

inline constexpr std::string_view flat_file_name = "tocsin.json";

/// Whether a file of this name with this root is written so: it is called tocsin.json or holds a
/// key of this form, is not called botpress.config.json, and has neither `pro` nor `tocsin`.
bool is_flat_form(const json_node& root, std::string_view file);

/// What a file with this text would be called: tocsin.json, or botpress.config.json.
std::string_view config_file_name(std::string_view text);

/// Reports the keys of a flat root that are unknown, misspelt or of the other form.
void check_flat_keys(const json_cursor& root, problem_list&);

/// The same settings in the nested form. Nodes keep their places, and pointers to them are those of
/// the flat text. Unknown keys are left out.
json_node nest_flat_form(json_node&& root);

/// What a setting of the nested form is called in the flat one: `hostExpiry` for
/// `tocsin.hostExpiry`.
std::string_view flat_name_of(std::string_view path);

} // namespace tocsin
