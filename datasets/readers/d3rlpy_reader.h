// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// d3rlpy 2's ReplayBuffer dump (version 2.1): arrays observations_0, actions_0, rewards_0 and
/// terminated_0 at the root for each episode. Throws DataError for other versions.
std::unique_ptr<FormatReader> OpenD3rlpy(const std::string& hdf5_path,
                                         const PathOptions& options = {});

}  // namespace longplay
