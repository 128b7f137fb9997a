// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "datasets/files/hdf5_file.h"
#include "datasets/formats/problem_log.h"

namespace longplay {

/// What an array must be. Every check throws DataError.
struct ArrayShape {
  int64_t rows = -1;     // -1 = any number, but not none
  int64_t row_size = 1;  // numbers in a row
};

/// Numbers in rows, of this shape, and really stored.
void CheckShape(const Hdf5Array& array, const ArrayShape& shape);

/// No NaN, no infinity; read some rows at a time. `alive` is called after each read.
void CheckFinite(const Hdf5Array& array, const std::function<void()>& alive);

/// Whole numbers in [low, high], e.g. flags or discrete actions.
void CheckWhole(const Hdf5Array& array, int64_t low, int64_t high);

}  // namespace longplay
