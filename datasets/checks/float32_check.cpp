// SPDX-License-Identifier: MIT
#include "datasets/checks/float32_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "datasets/data_error.h"

namespace longplay {

void CheckFloat32(const std::string& path, int64_t index, const Episode& episode) {
  constexpr double kMost = std::numeric_limits<float>::max();
  const auto check = [&](const char* name, const std::vector<double>& values, int64_t width) {
    const auto large =
        std::ranges::find_if(values, [](double value) { return std::abs(value) > kMost; });
    if (large == values.end()) return;
    const int64_t place = large - values.begin();
    std::ostringstream got;
    got << *large;
    throw DataError(
        path + ": episode " + std::to_string(index) + ", step " + std::to_string(place / width) +
            ", " + name + (width > 1 ? " " + std::to_string(place % width) : ""),
        "expected a number that float32, in which steps are kept, can hold, got " + got.str());
  };
  check("observation", episode.observations, episode.observation_size);
  check("action", episode.actions, episode.action_columns);
  check("reward", episode.rewards, 1);
}

}  // namespace longplay
