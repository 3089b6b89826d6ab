#pragma once

#include "config/problem_list.hpp"
#include "config/ways_in.hpp"

namespace tocsin {

// Each reads an object under `tocsin`, and reports everything that is wrong with it.

statsd_settings read_statsd(const json_cursor& object, problem_list&);
botpress_settings read_botpress(const json_cursor& object, problem_list&);

} // namespace tocsin
