// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/files/hdf5_file.h"

namespace longplay {

/// Paths of all arrays at and below a group, relative to it.
std::vector<std::string> ArraysBelow(const Hdf5File& file, const std::string& group);

/// Rows [first, first + count) of an array of numbers; count -1 = all.
InfoArray ReadInfo(const Hdf5Array& array, int64_t first = 0, int64_t count = -1);

/// All numbers below a group that belong to an episode of `length` steps: a row for each, or one
/// more. What is no number, or has other rows, goes into extras.left_out.
void AddInfos(const Hdf5File& file, const std::string& group, int64_t length,
              EpisodeExtras& extras);

/// Positions and velocities of each step as one row. Throws std::runtime_error where they are not of
/// as many steps.
RecordedPhysics SideBySide(const std::vector<double>& positions, int64_t position_size,
                           const std::vector<double>& velocities, int64_t velocity_size);

}  // namespace longplay
