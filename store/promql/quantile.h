// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

namespace cistern::promql {

// The q-quantile with linear interpolation between neighbours; NaN sorts first. Reorders `values`.
// q < 0 gives -Inf, q > 1 +Inf, NaN or no values NaN.
double quantile(double q, std::vector<double>& values);

}  // namespace cistern::promql
