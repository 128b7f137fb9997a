// SPDX-License-Identifier: MIT
#include <filesystem>
#include <stdexcept>

#include "datasets/episode_reader.h"
#include "datasets/hdf5_file.h"
#include "datasets/minari_reader.h"

namespace longplay {

std::unique_ptr<EpisodeReader> OpenDataset(const std::string& path) {
  namespace fs = std::filesystem;
  fs::path file = path;
  if (fs::is_directory(file)) {
    file = fs::exists(file / "data") ? file / "data" / "main_data.hdf5" : file / "main_data.hdf5";
  }
  return OpenMinari(file);
}

}  // namespace longplay
