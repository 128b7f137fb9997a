// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "datasets/episode.h"

namespace longplay {

/// Steps are kept as float32: throws DataError at the first number of an episode that is too large
/// for it. `path` and `index` name the episode.
void CheckFloat32(const std::string& path, int64_t index, const Episode& episode);

}  // namespace longplay
