// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"

namespace longplay {

/// ExoRL's layout: a folder of .npz files, one per episode, with observation, action, reward,
/// discount and physics, L + 1 rows each. Row 0 is the reset; row i > 0 holds the action and the
/// reward that led to observation i, so that action[i] follows observation[i - 1].
/// `reward_column` chooses where rewards have several columns (one per task); -1: such rewards are
/// left out. Throws DataError.
std::unique_ptr<FormatReader> OpenExorl(const std::string& folder, int64_t reward_column);

/// Whether a folder holds .npz files.
bool IsExorlFolder(const std::string& folder);

}  // namespace longplay
