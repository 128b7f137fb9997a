// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/episode_reader.h"

namespace longplay {

/// Opens a data set and reads every episode, so that every value was checked.
inline std::unique_ptr<EpisodeReader> OpenAndReadAll(const std::string& path) {
  std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
  Episode episode;
  for (int64_t e = 0; e < reader->info().episodes; ++e) reader->Read(e, episode);
  return reader;
}

}  // namespace longplay
