#pragma once

#include "config/result.hpp"

#include <string>

namespace tocsin {

/// Where the configuration is: `config` if given, else DATA_DIR/global/botpress.config.json.
std::string config_path(const std::string& config, const std::string& data_dir);

/// The data folder whose hooks are run: DATA_DIR, unless only `config` was given; then the folder
/// above its own, where that is called `global`, else none.
std::string hook_data_dir(const std::string& config, const std::string& data_dir,
                          bool data_dir_given);

/// Writes the default configuration, with its schema beside it and the folder for hooks, where no
/// configuration is. Returns whether it did.
result<bool> create_missing_config(const std::string& config, const std::string& data_dir);

/// What the engine itself keeps: `given`, else $STATE_DIRECTORY, else ./tocsin-state.
std::string state_folder(const std::string& given);

} // namespace tocsin
