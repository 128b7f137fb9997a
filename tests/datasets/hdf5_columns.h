// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "datasets/files/hdf5_writer.h"

namespace longplay {

/// One array of a file.
struct Column {
  std::vector<int64_t> shape;
  std::vector<double> values;
  std::string type = "float64";
};
using Columns = std::map<std::string, Column>;  // by name, "infos/state" below a group

/// Writes an array below `root`, with the groups that its name goes through.
inline void WriteColumn(hid_t root, const std::string& name, const Column& column) {
  const size_t slash = name.rfind('/');
  if (slash == std::string::npos) {
    WriteArray(root, name, column.shape, column.type, column.values);
    return;
  }
  const Hdf5Id group = MakeGroup(root, name.substr(0, slash));
  WriteArray(group.get(), name.substr(slash + 1), column.shape, column.type, column.values);
}

}  // namespace longplay
