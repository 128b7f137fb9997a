// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/files/hdf5_file.h"

namespace longplay {

/// Whether `a` stands before `b` when runs of digits count as numbers: e9 before e10 and e010.
bool NaturalLess(const std::string& a, const std::string& b);

/// Full names of the groups below `parent` that are called `prefix` and a number, in the order of
/// their numbers: episode_7, episode_08, episode_10. There may be gaps.
std::vector<std::string> NumberedGroups(const Hdf5File& file, const std::string& parent,
                                        const std::string& prefix);

}  // namespace longplay
