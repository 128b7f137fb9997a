// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "datasets/episode.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/space_json.h"

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

  /// Choices (Discrete, MultiDiscrete) become one-hot, as gymnasium.spaces.utils.flatten has them:
  /// `space` says where they are. Throws DataError when it does not fit the arrays.
  void Encode(const Hdf5File& file, const std::string& path, const Space& space);

  /// Arrays at and below `path` that are none of these.
  std::vector<std::string> Others(const Hdf5File& file, const std::string& path) const;

  /// Names relative to the path; "" for one array.
  const std::vector<std::string>& names() const { return names_; }
  std::vector<ColumnPart> parts() const;  // of these names; none for one array
  int64_t width() const;                  // numbers in a row
  std::string type() const;               // of all arrays, "float64" where they differ

  /// The same leaves elsewhere: sizes like these, equal numbers of rows. Returns the rows.
  int64_t CheckShapes(const Hdf5File& file, const std::string& path) const;
  /// [rows, width()], every number checked (CheckFinite).
  void Read(const Hdf5File& file, const std::string& path, std::vector<double>& rows) const;

 private:
  using Choices = std::vector<std::pair<int64_t, int64_t>>;  // {start, how many} of each number
  void Add(const Hdf5File& file, const std::string& path, const std::string& name);
  /// [rows, size of a one-hot row] in place of [rows, numbers].
  static void ToOneHot(const Hdf5Array& array, const Choices& choices, std::vector<double>& rows);

  std::vector<std::string> names_;
  std::vector<int64_t> widths_;   // of the arrays
  std::vector<Choices> choices_;  // of each array; empty = numbers
  std::vector<std::string> types_;
};

/// Whether an array holds pictures: bytes (unsigned) with a height and a width.
bool IsImage(const ArrayInfo& array);

}  // namespace longplay
