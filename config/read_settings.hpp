#pragma once

#include "config/diagnostic.hpp"
#include "config/named_file.hpp"
#include "config/result.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace tocsin {

/// The environment variables that the engine was started with.
using environment = std::map<std::string, std::string, std::less<>>;
environment process_environment();

/// What the configuration is read for. A replay asks neither `enabled` nor whether hosts expire
/// later than the longest window: there, both are warnings at most.
enum class purpose : std::uint8_t { serve, replay };

/// Settings and everything there is to say about them. With errors, settings are not to be used.
struct settings_report {
  settings value;
  diagnostics problems;  ///< at most problem_list::kept_max and a word about the rest
  std::size_t found = 0; ///< all problems, also those that are not listed
  bool flat = false;     ///< the text is in the flat form
};

/// Reads the text of a botpress.config.json, or of a tocsin.json (flat_form.hpp); applies
/// BP_CONFIG_… and TOCSIN_ENABLED from the environment, and reports every error and warning at
/// once. Pure: files that the configuration names (secrets, authorities) come from `files`, and
/// without it what they hold is left empty.
settings_report read_settings(std::string_view text, std::string_view file, const environment& env,
                              purpose why, const file_source& files = {});

/// The same for a file; a folder, an unreadable or a missing file is one diagnostic. Files that it
/// names are read too, but not for a replay, which has no use for them.
settings_report read_settings_file(const std::string& path, const environment& env, purpose why);

/// The canonical JSON of a rule set: one line, every key of every rule in a fixed order (labels and
/// annotations where it has any), durations in ms, numbers as the shortest decimal that reads back.
/// Equal rule sets give equal text.
std::string write_rules(const rule_set&);

/// Reads what write_rules wrote.
result<rule_set> read_rules(std::string_view json);

} // namespace tocsin
