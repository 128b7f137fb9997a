// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/config/run_options.h"

namespace longplay {

/// Whether a sequence model with these options may be trained or scored on family/fog-v0: its tokens
/// hold the observation alone, nothing tells the number of the step, and a chain is one episode.
/// Throws std::invalid_argument "<where>: <key>: expected ..." with the reason and all keys to set.
void CheckFogSettings(const RunOptions& options, const std::string& where);

}  // namespace longplay
