#pragma once

#include <string_view>

namespace tocsin {

/// The text of the botpress.config.json that is written where none exists: both services enabled
/// and three rules to start from. Free of errors and warnings. It names its schema as a neighbour.
std::string_view default_config();

/// The text of the botpress.config.schema.json to write beside it, for editors.
std::string_view config_schema();

} // namespace tocsin
