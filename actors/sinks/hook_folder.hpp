#pragma once

#include "config/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace tocsin {

/// A file of the operator's that is run about incidents.
struct hook_script {
  std::string name; ///< below the hooks' folder: "alert.js", "mail/admins.js"
  std::string path; ///< absolute

  friend bool operator==(const hook_script&, const hook_script&) = default;
};

/// A file or folder beside hooks that somebody may take for one.
struct hook_passed_over {
  std::string name; ///< below the hooks' folder
  std::string why;  ///< "hooks end in .js …"

  friend bool operator==(const hook_passed_over&, const hook_passed_over&) = default;
};

/// More are refused: as many lie there by mistake.
inline constexpr std::size_t hook_scripts_max = 1'000;
inline constexpr int hook_folders_deep_max = 16;
/// So many are named at most.
inline constexpr std::size_t hooks_passed_over_max = 100;

/// Where hooks lie in a data folder: global/hooks/on_incident_status_changed.
std::string hook_folder(const std::string& data_dir);

/// The hooks in a data folder, in the order in which they run: by file name, whatever folder they
/// lie in, then by path. What begins with a dot is disabled, files and folders. Without the folder
/// there are none; a folder that cannot be read is an error.
result<std::vector<hook_script>> list_hooks(const std::string& data_dir);

/// What is no hook there although it looks like one, in the order of names: scripts of another kind
/// (.mjs, .cjs, .ts and the like), links to folders, links that lead nowhere. What begins with a
/// dot was disabled on purpose, and is not among it.
std::vector<hook_passed_over> list_passed_over(const std::string& data_dir);

} // namespace tocsin
