// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "datasets/formats/space_json.h"

namespace longplay {

/// What metadata.json says of a data set of Minari, whatever its storage. Keys that are missing, or of
/// another type, keep their default.
struct MinariMetadata {
  Space observation_space, action_space;
  std::string data_format;  // "hdf5", "arrow", "parquet", or empty
  std::string environment;  // id, or empty
  int64_t action_repeat = 1, max_episode_steps = 0;
  std::optional<double> reference_min, reference_max;
};

/// A file with a JSON object, as Python writes it. Throws DataError.
nlohmann::json ReadJsonObject(const std::string& path);

MinariMetadata ParseMinariMetadata(const nlohmann::json& json);

}  // namespace longplay
