#pragma once

#include "config/result.hpp"

#include <functional>
#include <string>

namespace tocsin {

/// A file that the configuration names: a secret, authorities.
struct named_file {
  std::string path; ///< as it was opened
  std::string text;
  bool open_to_others = false; ///< group or others may read it
};

/// Reads such files. The error says why not, without the path.
using file_source = std::function<result<named_file>(const std::string& path)>;

/// Reads them from the disk; a relative path begins at the folder of the configuration file.
file_source files_beside(const std::string& config_path);

} // namespace tocsin
