#pragma once

#include "config/result.hpp"

#include <string>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace tocsin {

/// What --config and --data-dir say.
struct data_folder {
  std::string config; ///< empty: below data_dir
  std::string data_dir = "./data";
  const CLI::Option* data_dir_option = nullptr;

  /// Where the configuration is: `config` if given, else DATA_DIR/global/botpress.config.json where
  /// there is one, else DATA_DIR/tocsin.json. Both are an error, for either may be meant.
  result<std::string> config_path() const;
  /// The data folder whose hooks are run: DATA_DIR, unless only `config` was given; then the folder
  /// above its own, where that is called `global`, else none.
  std::string with_hooks() const;
  /// Writes the default tocsin.json, with its schema beside it and the folder for hooks, where no
  /// configuration is. Returns whether it did.
  result<bool> create_missing_config() const;
};

/// Adds --config and --data-dir.
void add_data_options(CLI::App& cmd, data_folder&);

/// What the engine itself keeps: `given`, else $STATE_DIRECTORY, else ./tocsin-state.
std::string state_folder(const std::string& given);

} // namespace tocsin
