#pragma once

#include <string_view>

namespace tocsin {

/// The text of the tocsin.json that is written where there is no configuration: rules on what every
/// agent reports, and one that a newcomer can set off. Free of errors and warnings. It names its
/// schema as a neighbour.
std::string_view default_config();

/// The texts of tocsin.schema.json, which is written beside it for editors, and of
/// botpress.config.schema.json.
std::string_view flat_config_schema();
std::string_view config_schema();

} // namespace tocsin
