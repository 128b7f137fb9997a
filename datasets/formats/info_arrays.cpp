// SPDX-License-Identifier: MIT
#include "datasets/formats/info_arrays.h"

#include <algorithm>
#include <stdexcept>

namespace longplay {
namespace {

// Groups in groups; links of a damaged file can go in circles.
constexpr int kDeepestInfo = 16;

void Collect(const Hdf5File& file, const std::string& group, const std::string& name, int depth,
             std::vector<std::string>& paths) {
  const std::string path = name.empty() ? group : group + "/" + name;
  if (!file.IsGroup(path)) {
    paths.push_back(name);
    return;
  }
  if (depth == kDeepestInfo) file.Fail(path, "groups less deep", "more than 16 levels");
  const std::string before = name.empty() ? "" : name + "/";
  for (const std::string& child : file.Children(path)) {
    Collect(file, group, before + child, depth + 1, paths);
  }
}

}  // namespace

std::vector<std::string> ArraysBelow(const Hdf5File& file, const std::string& group) {
  std::vector<std::string> paths;
  if (file.Exists(group)) Collect(file, group, "", 0, paths);
  std::ranges::sort(paths);
  return paths;
}

InfoArray ReadInfo(const Hdf5Array& array, int64_t first, int64_t count) {
  InfoArray info{.type = array.info().type, .row_shape = array.info().shape};
  // The first dimension counts rows.
  if (!info.row_shape.empty()) info.row_shape.erase(info.row_shape.begin());
  array.ReadInto(info.values, first, count);
  return info;
}

void AddInfos(const Hdf5File& file, const std::string& group, int64_t length,
              EpisodeExtras& extras) {
  const std::string before = group + "/";
  for (const std::string& name : ArraysBelow(file, group)) {
    const Hdf5Array array = file.Open(before + name);
    const ArrayInfo& info = array.info();
    // Texts, and values that belong to no step.
    if (info.type.empty() || info.shape.empty() ||
        (info.rows() != length && info.rows() != length + 1)) {
      extras.left_out.push_back("infos/" + name);
    } else {
      extras.infos[name] = ReadInfo(array);
    }
  }
}

RecordedPhysics SideBySide(const std::vector<double>& positions, int64_t position_size,
                           const std::vector<double>& velocities, int64_t velocity_size) {
  const auto rows = [](const std::vector<double>& values, int64_t size) {
    return size < 1 ? 0 : static_cast<int64_t>(values.size()) / size;
  };
  const int64_t count = rows(positions, position_size);
  if (count != rows(velocities, velocity_size)) {
    throw std::runtime_error("reading data: expected as many velocities as positions, " +
                             std::to_string(count) + ", got " +
                             std::to_string(rows(velocities, velocity_size)));
  }
  RecordedPhysics physics{.columns = position_size + velocity_size, .rows = {}};
  physics.rows.reserve(positions.size() + velocities.size());
  for (int64_t t = 0; t < count; ++t) {
    const auto position = positions.begin() + t * position_size;
    const auto velocity = velocities.begin() + t * velocity_size;
    physics.rows.insert(physics.rows.end(), position, position + position_size);
    physics.rows.insert(physics.rows.end(), velocity, velocity + velocity_size);
  }
  return physics;
}

}  // namespace longplay
