// SPDX-License-Identifier: MIT
#include "datasets/formats/other_files.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_sources.h"

namespace longplay {

std::vector<std::filesystem::path> FindOtherFiles(const std::vector<std::filesystem::path>& paths) {
  using nlohmann::json;
  constexpr GuardLimits kLimits{.memory_bytes = int64_t{4} << 30, .silent_seconds = 60};
  // A file alone may have any name; in folders of many files those of HDF5 have one of these.
  const auto may_be_hdf5 = [&](const std::filesystem::path& path) {
    const std::string end = path.extension();
    return paths.size() == 1 ? end != ".npz" : end == ".hdf5" || end == ".h5";
  };
  if (std::ranges::none_of(paths, may_be_hdf5)) return {};
  const GuardedResult found = RunGuarded(kLimits, [&](const std::function<void()>& alive) {
    json names = json::array();
    for (const std::filesystem::path& path : paths) {
      if (!may_be_hdf5(path)) continue;
      for (const std::string& other : OtherFilesOf(path, alive)) names.push_back(other);
    }
    return names.dump(-1, ' ', false, json::error_handler_t::replace);
  });
  std::vector<std::filesystem::path> others;
  if (!found.finished) return others;
  for (const json& name : json::parse(found.text)) {
    // A name that is no UTF-8 comes back as another one.
    std::filesystem::path other = name.get<std::string>();
    if (std::filesystem::exists(other)) others.push_back(std::move(other));
  }
  return others;
}

}  // namespace longplay
