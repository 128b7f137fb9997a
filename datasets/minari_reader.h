// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/episode_reader.h"

namespace longplay {

/// `hdf5_path` is a main_data.hdf5; its metadata.json lies beside it, or its root attributes serve.
/// Checks the structure of every episode, not their values. Throws as OpenDataset does.
std::unique_ptr<EpisodeReader> OpenMinari(const std::string& hdf5_path);

}  // namespace longplay
