#pragma once

#include "config/result.hpp"

#include <string>

namespace tocsin {

/// Where the configuration is: `config` if given, else DATA_DIR/global/botpress.config.json.
std::string config_path(const std::string& config, const std::string& data_dir);

/// Writes the default configuration, with its schema beside it and the folder for hooks, where no
/// configuration is. Returns whether it did.
result<bool> create_missing_config(const std::string& config, const std::string& data_dir);

/// What the engine itself keeps: `given`, else $STATE_DIRECTORY, else ./tocsin-state.
std::string state_folder(const std::string& given);

} // namespace tocsin
