// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "datasets/checks/problem_log.h"
#include "datasets/files/hdf5_file.h"

namespace longplay {

/// More different whole numbers are no choices: a discrete action is one of at most as many.
inline constexpr int64_t kMostChoices = 1'000'000;

/// What an array must be. Every check throws DataError.
struct ArrayShape {
  int64_t rows = -1;     // -1 = any number, but not none
  int64_t row_size = 1;  // numbers in a row
};

/// Numbers in rows, of this shape, and really stored.
void CheckShape(const Hdf5Array& array, const ArrayShape& shape);

/// Numbers that were read from the array, from row `first` on: none NaN or infinite.
void CheckFinite(const Hdf5Array& array, int64_t first, std::span<const double> values);

/// Whole numbers in [low, high], e.g. discrete actions.
void CheckWhole(const Hdf5Array& array, int64_t first, std::span<const double> values, int64_t low,
                int64_t high);
/// The same of all values, read some rows at a time, e.g. flags.
void CheckWhole(const Hdf5Array& array, int64_t low, int64_t high);

/// Rows [first, first + count) into memory that is there already, checked; count -1 = all.
void ReadFinite(const Hdf5Array& array, std::vector<double>& values, int64_t first = 0,
                int64_t count = -1);

/// Calls `visit` with some rows at a time, so that no array has to fit in memory.
void VisitPieces(
    const Hdf5Array& array,
    const std::function<void(int64_t first, const std::vector<double>& values)>& visit);

}  // namespace longplay
