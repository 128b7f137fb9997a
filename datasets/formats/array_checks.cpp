// SPDX-License-Identifier: MIT
#include "datasets/formats/array_checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "datasets/data_error.h"

namespace longplay {
namespace {

constexpr int64_t kPiece = 1 << 20;  // [numbers] read at a time

std::string Text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> digits{};  // the shortest that read back as the same
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return {digits.begin(), end};
}

std::string Place(const Hdf5Array& array, int64_t index) {
  const int64_t columns = array.info().row_size();
  const std::string row = std::to_string(index / columns);
  return array.where() + "[" + row +
         (array.info().shape.size() > 1 ? ", " + std::to_string(index % columns) : "") + "]";
}

/// Throws at the first number that is not `good`, saying how many there are.
void CheckEach(const Hdf5Array& array, const std::string& expected,
               const std::function<bool(double)>& good, const std::function<void()>& alive) {
  // Not the whole array at once, which may be larger than the child's memory limit.
  const int64_t rows_at_once =
      std::max<int64_t>(1, kPiece / std::max<int64_t>(1, array.info().row_size()));
  int64_t bad = 0, first_bad = 0;
  double first_value = 0;
  for (int64_t row = 0; row < array.rows(); row += rows_at_once) {
    const std::vector<double> values = array.Read(row, std::min(rows_at_once, array.rows() - row));
    for (size_t i = 0; i < values.size(); ++i) {
      if (good(values[i]) || bad++ > 0) continue;
      first_bad = row * array.info().row_size() + static_cast<int64_t>(i);
      first_value = values[i];
    }
    alive();
  }
  if (bad == 0) return;
  throw DataError(Place(array, first_bad),
                  "expected " + expected + ", got " + Text(first_value) +
                      (bad > 1 ? " (and " + std::to_string(bad - 1) + " more)" : ""));
}

}  // namespace

void CheckShape(const Hdf5Array& array, const ArrayShape& shape) {
  const ArrayInfo& info = array.info();
  // In this order: each check needs what those before it found.
  if (!info.is_float && !info.is_integer) array.Fail("numbers", "another type");
  if (info.shape.empty()) array.Fail("an array", "a single value");
  if (info.rows() == 0) array.Fail("at least one row", "none");
  if (shape.rows >= 0 && info.rows() != shape.rows) {
    array.Fail(std::to_string(shape.rows) + " rows", std::to_string(info.rows()));
  }
  if (info.row_size() != shape.row_size) {
    array.Fail(
        std::to_string(shape.row_size) + (shape.row_size == 1 ? " number a row" : " numbers a row"),
        std::to_string(info.row_size()));
  }
  // HDF5 would read an array that was created and never written as zeros.
  if (!info.is_allocated) array.Fail("stored values", "none: nothing was ever written to it");
}

void CheckFinite(const Hdf5Array& array, const std::function<void()>& alive) {
  CheckEach(
      array, "a finite number", [](double value) { return std::isfinite(value); }, alive);
}

void CheckWhole(const Hdf5Array& array, int64_t low, int64_t high) {
  const auto least = static_cast<double>(low), most = static_cast<double>(high);
  CheckEach(
      array, "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
      [&](double v) { return v >= least && v <= most && v == std::floor(v); }, [] {});
}

}  // namespace longplay
