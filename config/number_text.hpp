#pragma once

#include <string>

namespace tocsin {

/// The number as people read it: six significant digits, but the whole part always in full
/// ("72.8333", "1234568", "0.000125"), and powers of ten from 1e15 on. "none" where it is not
/// finite. write_number() has every digit.
std::string number_for_people(double value);

/// The same for a value beside the threshold that it is compared with: as many digits more as show
/// on which side it lies ("59.9999999", not "60").
std::string number_for_people(double value, double beside);

} // namespace tocsin
