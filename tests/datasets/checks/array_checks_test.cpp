// SPDX-License-Identifier: MIT
#include "datasets/checks/array_checks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A file with one array, `a`.
Hdf5Array Array(const std::vector<int64_t>& shape, const std::vector<double>& values,
                const std::string& type = "float64") {
  const std::string path = TemporaryPath("array.hdf5");
  WriteArray(CreateHdf5File(path).get(), "a", shape, type, values);
  return Hdf5File(path).Open("a");
}

/// What is wrong with an array, and where: "[2]: expected X, got Y".
std::string Refusal(const std::function<void()>& check) {
  try {
    check();
  } catch (const DataError& error) {
    return error.where().substr(error.where().find(":a") + 2) + ": " + error.problem();
  }
  return "sound";
}

std::string ShapeRefusal(const Hdf5Array& array, const ArrayShape& shape) {
  return Refusal([&] { CheckShape(array, shape); });
}

std::string FiniteRefusal(const Hdf5Array& array) {
  return Refusal([&] {
    std::vector<double> values;
    ReadFinite(array, values);
  });
}

std::string WholeRefusal(const Hdf5Array& array, int64_t low, int64_t high) {
  return Refusal([&] { CheckWhole(array, low, high); });
}

TEST(ArrayChecksTest, RowsAndTheirNumbersAreCounted) {
  const Hdf5Array array = Array({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(ShapeRefusal(array, {.rows = 3, .row_size = 2}), "sound");
  EXPECT_EQ(ShapeRefusal(array, {.row_size = 2}), "sound") << "any number of rows";
  EXPECT_EQ(ShapeRefusal(array, {.rows = 4, .row_size = 2}), ": expected 4 rows, got 3");
  EXPECT_EQ(ShapeRefusal(array, {.rows = 3}), ": expected 1 number a row, got 2");
  EXPECT_EQ(ShapeRefusal(array, {.row_size = 3}), ": expected 3 numbers a row, got 2");
}

TEST(ArrayChecksTest, FurtherDimensionsBelongToTheRow) {
  EXPECT_EQ(ShapeRefusal(Array({1, 2, 3}, {1, 2, 3, 4, 5, 6}), {.row_size = 6}), "sound");
  EXPECT_EQ(ShapeRefusal(Array({4, 1}, {1, 2, 3, 4}, "int8"), {.rows = 4}), "sound");
}

TEST(ArrayChecksTest, WhatIsNoArrayOfNumbersIsRefused) {
  EXPECT_EQ(ShapeRefusal(Array({}, {1}), {}), ": expected an array, got a single value");
  EXPECT_EQ(ShapeRefusal(Array({0}, {}), {}), ": expected at least one row, got none");
  const std::string path = TemporaryPath("texts.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path), text(H5Tcopy(H5T_C_S1));
    const hsize_t rows = 2;
    const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
    const Hdf5Id array(H5Dcreate2(file.get(), "a", text.get(), space.get(), H5P_DEFAULT,
                                  H5P_DEFAULT, H5P_DEFAULT));
  }
  EXPECT_EQ(ShapeRefusal(Hdf5File(path).Open("a"), {}), ": expected numbers, got another type");
}

// HDF5 reads zeros there.
TEST(ArrayChecksTest, ArrayThatWasDeclaredAndNeverWrittenIsRefused) {
  const std::string path = TemporaryPath("declared.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    const hsize_t rows = 2;
    const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
    const Hdf5Id array(H5Dcreate2(file.get(), "a", H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                  H5P_DEFAULT, H5P_DEFAULT));
  }
  EXPECT_EQ(ShapeRefusal(Hdf5File(path).Open("a"), {}),
            ": expected stored values, got none: nothing was ever written to it");
}

TEST(ArrayChecksTest, FirstNumberThatIsNotFiniteIsNamedAndTheOthersAreCounted) {
  EXPECT_EQ(FiniteRefusal(Array({3}, {1, -2, 1e308})), "sound");
  EXPECT_EQ(FiniteRefusal(Array({3}, {1, std::nan(""), 3})),
            "[1]: expected a finite number, got nan");
  EXPECT_EQ(FiniteRefusal(Array({2, 2}, {1, 2, -kInfinity, kInfinity})),
            "[1, 0]: expected a finite number, got -inf (and 1 more)");
  EXPECT_EQ(FiniteRefusal(Array({1, 2, 2}, {1, 2, 3, kInfinity})),
            "[0, 3]: expected a finite number, got inf")
      << "place in the flattened row";
}

TEST(ArrayChecksTest, PlacesOfSomeRowsAreThoseOfTheArray) {
  const Hdf5Array array = Array({4, 2}, {1, 2, 3, 4, 5, 6, 7, kInfinity});
  std::vector<double> values;
  EXPECT_EQ(Refusal([&] { ReadFinite(array, values, 1, 2); }), "sound");
  EXPECT_EQ(values, (std::vector<double>{3, 4, 5, 6}));
  EXPECT_EQ(Refusal([&] { ReadFinite(array, values, 2); }),
            "[3, 1]: expected a finite number, got inf");
}

// A million numbers are read at a time.
TEST(ArrayChecksTest, PlacesBeyondTheFirstPieceAreThoseOfTheWholeArray) {
  constexpr int64_t kRows = 600000;
  std::vector<double> values(2 * kRows, 0);
  values[2 * 550000 + 1] = 0.5;
  const Hdf5Array array = Array({kRows, 2}, values, "float32");
  int reads = 0;
  VisitPieces(array, [&](int64_t, const std::vector<double>&) { ++reads; });
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(WholeRefusal(array, 0, 1), "[550000, 1]: expected a whole number from 0 to 1, got 0.5");
}

TEST(ArrayChecksTest, WholeNumbersLieWithinTheirBounds) {
  EXPECT_EQ(WholeRefusal(Array({3}, {-1, 0, 2}), -1, 2), "sound");
  EXPECT_EQ(WholeRefusal(Array({3}, {-1, 0, 2}), 0, 2),
            "[0]: expected a whole number from 0 to 2, got -1");
  EXPECT_EQ(WholeRefusal(Array({3}, {0, 3, 4}), 0, 2),
            "[1]: expected a whole number from 0 to 2, got 3 (and 1 more)");
  EXPECT_EQ(WholeRefusal(Array({2}, {1, 0.5}), 0, 1),
            "[1]: expected a whole number from 0 to 1, got 0.5");
  EXPECT_EQ(WholeRefusal(Array({1}, {std::nan("")}), 0, 1),
            "[0]: expected a whole number from 0 to 1, got nan");
}

// Once "got 0".
TEST(ArrayChecksTest, SmallFractionIsNotSaidToBeZero) {
  EXPECT_EQ(WholeRefusal(Array({1}, {1e-9}), 0, 1),
            "[0]: expected a whole number from 0 to 1, got 1e-09");
  EXPECT_EQ(WholeRefusal(Array({1}, {1000001}), 0, 1000000),
            "[0]: expected a whole number from 0 to 1000000, got 1000001");
}

}  // namespace
}  // namespace longplay
