// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "datasets/files/hdf5_file.h"

namespace longplay {

/// A type of numbers in a file: "float32", "float64", "int8" ... "uint64", or "bool" as h5py writes
/// it, an enum over int8. Throws std::invalid_argument for another name.
Hdf5Id Hdf5Type(const std::string& name);

/// A new file, in place of any that is there. All of writing throws WriteError when HDF5 fails.
Hdf5Id CreateHdf5File(const std::string& path);

/// Hands to the system what HDF5 still holds back of a file and its open arrays, while it can be
/// said that this fails: ids that close themselves are silent.
void FlushHdf5File(const Hdf5Id& file);
void CloseHdf5File(Hdf5Id file);

/// Numbers of `type`, given as doubles.
void WriteArray(hid_t group, const std::string& name, const std::vector<int64_t>& shape,
                const std::string& type, std::span<const double> values);

void WriteAttribute(hid_t object, const std::string& name, int64_t value);
void WriteAttribute(hid_t object, const std::string& name, uint64_t value);
void WriteAttribute(hid_t object, const std::string& name, double value);
void WriteAttribute(hid_t object, const std::string& name, const std::string& value);

/// A group and those above it, made if they are not there.
Hdf5Id MakeGroup(hid_t file, const std::string& path);

/// An array that grows row by row.
class Hdf5Column {
 public:
  /// Below `group`, whose file must stay open; `row_shape` {} = one number a row.
  Hdf5Column(hid_t group, const std::string& name, const std::string& type,
             std::vector<int64_t> row_shape);
  void Append(std::span<const double> rows);

 private:
  std::string where_;
  Hdf5Id dataset_, type_;
  bool is_bool_;
  std::vector<int64_t> shape_;  // of everything written
};

}  // namespace longplay
