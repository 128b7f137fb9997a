// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/formats/minari_metadata.h"

namespace longplay {

/// An episode of Minari's storage in tables: a folder with a table and what is said of it.
struct MinariRecording {
  std::string folder;
  std::string file;     // the table in it
  int64_t length = -1;  // [steps]; -1 = not said
  std::optional<uint64_t> seed;
};

/// What Minari's storage in tables says of itself: data/metadata.json, and data/0, data/1 ...
struct MinariFolder {
  std::vector<MinariRecording> recordings;  // in the order of their numbers
  std::vector<std::string> empty;           // folders of episodes without a step
  MinariMetadata metadata;
};

/// Throws DataError.
MinariFolder ReadMinariFolder(const std::string& data);

/// Whether a folder's metadata.json says that it holds tables.
bool HoldsMinariTables(const std::string& data);

}  // namespace longplay
