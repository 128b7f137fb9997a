// SPDX-License-Identifier: MIT
#include "datasets/checks/array_checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

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

/// Finds the first number that is not good, in values that come some rows at a time.
class Bad {
 public:
  Bad(const Hdf5Array& array, std::string expected)
      : array_(array), expected_(std::move(expected)) {}

  template <typename Good>
  void Add(int64_t first_row, std::span<const double> values, const Good& good) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (good(values[i]) || count_++ > 0) continue;
      place_ = first_row * array_.info().row_size() + static_cast<int64_t>(i);
      value_ = values[i];
    }
  }

  /// Throws when there was one, saying how many there are.
  void Throw() const {
    if (count_ == 0) return;
    throw DataError(Place(array_, place_),
                    "expected " + expected_ + ", got " + Text(value_) +
                        (count_ > 1 ? " (and " + std::to_string(count_ - 1) + " more)" : ""));
  }

 private:
  const Hdf5Array& array_;
  std::string expected_;
  int64_t count_ = 0, place_ = 0;
  double value_ = 0;
};

/// Whether a number is whole and in [low, high].
auto Whole(int64_t low, int64_t high) {
  return [least = static_cast<double>(low), most = static_cast<double>(high)](double v) {
    return v >= least && v <= most && v == std::floor(v);
  };
}

std::string WholeText(int64_t low, int64_t high) {
  return "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
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

void CheckFinite(const Hdf5Array& array, int64_t first, std::span<const double> values) {
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (std::ranges::all_of(values, is_finite)) return;
  Bad bad(array, "a finite number");
  bad.Add(first, values, is_finite);
  bad.Throw();
}

void CheckWhole(const Hdf5Array& array, int64_t first, std::span<const double> values, int64_t low,
                int64_t high) {
  Bad bad(array, WholeText(low, high));
  bad.Add(first, values, Whole(low, high));
  bad.Throw();
}

void CheckWhole(const Hdf5Array& array, int64_t low, int64_t high) {
  Bad bad(array, WholeText(low, high));
  VisitPieces(array, [&](int64_t first, const std::vector<double>& values) {
    bad.Add(first, values, Whole(low, high));
  });
  bad.Throw();
}

void ReadFinite(const Hdf5Array& array, std::vector<double>& values, int64_t first, int64_t count) {
  array.ReadInto(values, first, count);
  CheckFinite(array, first, values);
}

void VisitPieces(
    const Hdf5Array& array,
    const std::function<void(int64_t first, const std::vector<double>& values)>& visit) {
  const int64_t rows_at_once =
      std::max<int64_t>(1, kPiece / std::max<int64_t>(1, array.info().row_size()));
  std::vector<double> values;
  for (int64_t row = 0; row < array.rows(); row += rows_at_once) {
    array.ReadInto(values, row, std::min(rows_at_once, array.rows() - row));
    visit(row, values);
  }
}

}  // namespace longplay
