// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datasets/formats/format_reader.h"

namespace longplay {

/// robomimic's layout: data/demo_0, data/demo_1 ... with actions, rewards, dones and obs/<key>.
/// Observations are `keys` side by side in that order; without any, all that are no images, in
/// alphabetical order. Throws DataError when a key is missing or an image.
std::unique_ptr<FormatReader> OpenRobomimic(const std::string& hdf5_path,
                                            const std::vector<std::string>& keys);

}  // namespace longplay
