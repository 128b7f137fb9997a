// SPDX-License-Identifier: MIT
#include "datasets/checks/continuity.h"

#include <algorithm>
#include <cmath>

namespace longplay {

bool SameObservation(std::span<const double> a, std::span<const double> b) {
  // Files that keep the two in float32 and float64 differ by rounding.
  constexpr double kRounding = 1e-6;
  return std::ranges::equal(a, b, [](double x, double y) {
    return x == y || std::abs(x - y) <= kRounding * std::max({1.0, std::abs(x), std::abs(y)});
  });
}

void CheckContinuity(std::span<const double> observations, std::span<const double> next,
                     int64_t width, const std::string& where, int64_t first, ProblemLog& log) {
  const auto size = static_cast<size_t>(width);
  for (size_t t = 0; (t + 2) * size <= observations.size(); ++t) {
    if (SameObservation(next.subspan(t * size, size), observations.subspan((t + 1) * size, size))) {
      continue;
    }
    log.Count(where + "[" + std::to_string(first + static_cast<int64_t>(t)) + "]",
              "is not what the next row observes, though no episode ends here: rows of several "
              "recordings in turn, episodes joined without an end, or shifted by a row?");
  }
}

void WarnOfContinuedEnd(const std::string& where, int64_t row, ProblemLog& log) {
  log.Count(where + "[" + std::to_string(row) + "]",
            "an episode ends here, but next_observations goes on in the next row: an end flag at "
            "every row of a goal that is reached and kept?");
}

}  // namespace longplay
