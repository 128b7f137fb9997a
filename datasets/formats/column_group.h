// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "datasets/files/hdf5_file.h"

namespace longplay {

/// Arrays of a file that side by side make the rows of an episode: one array, or the leaves of a
/// group (a Dict's keys in alphabetical order, a Tuple's _index_0, _index_1 ... in numeric order,
/// nested ones in their place), each flattened row by row.
class ColumnGroup {
 public:
  ColumnGroup() = default;

  /// The leaves at and below `path`. Throws DataError when there are none, or images.
  static ColumnGroup Find(const Hdf5File& file, const std::string& path);

  /// These arrays below `path`, in this order.
  static ColumnGroup Choose(const Hdf5File& file, const std::string& path,
                            const std::vector<std::string>& names);

  /// Names relative to the path; "" for one array.
  const std::vector<std::string>& names() const { return names_; }
  int64_t width() const;     // numbers in a row
  std::string type() const;  // of all arrays, "float64" where they differ

  /// The same leaves elsewhere: sizes like these, equal numbers of rows. Returns the rows.
  int64_t CheckShapes(const Hdf5File& file, const std::string& path) const;
  void CheckFinite(const Hdf5File& file, const std::string& path,
                   const std::function<void()>& alive) const;

  /// [rows, width()]
  void Read(const Hdf5File& file, const std::string& path, std::vector<double>& rows) const;

 private:
  void Add(const Hdf5File& file, const std::string& path, const std::string& name);

  std::vector<std::string> names_;
  std::vector<int64_t> widths_;
  std::vector<std::string> types_;
};

/// Whether an array holds pictures: bytes with a height and a width, or encoded files.
bool IsImage(const ArrayInfo& array);

}  // namespace longplay
