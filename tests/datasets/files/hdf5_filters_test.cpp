// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzf.h>
#include <zlib.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/datasets/without_plugins.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

constexpr H5Z_filter_t kLzf = 32000;
const std::string kFixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/hdf5/";

std::string Refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const DataError& error) {
    return error.what();
  }
  return "read";
}

using Filters = std::vector<std::pair<H5Z_filter_t, std::vector<unsigned>>>;

/// A file with `array`, (rows,) float64 in one chunk, through these filters, of which the bytes in
/// the file are given.
std::string WriteChunk(const std::string& name, hsize_t rows, const Filters& filters,
                       const std::string& bytes) {
  const std::string path = TemporaryPath(name);
  // In another process: HDF5 creates no array with a filter that only decompresses.
  const auto write = [&](const std::function<void()>&) {
    H5Zunregister(kLzf);
    const Hdf5Id file = CreateHdf5File(path), properties(H5Pcreate(H5P_DATASET_CREATE));
    const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
    H5Pset_chunk(properties.get(), 1, &rows);
    for (const auto& [id, options] : filters) {
      H5Pset_filter(properties.get(), id, H5Z_FLAG_OPTIONAL, options.size(), options.data());
    }
    const Hdf5Id array(H5Dcreate2(file.get(), "array", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                  properties.get(), H5P_DEFAULT));
    const hsize_t first = 0;
    const herr_t written =
        H5Dwrite_chunk(array.get(), H5P_DEFAULT, 0, &first, bytes.size(), bytes.data());
    return std::string(written < 0 ? "an error" : "written");
  };
  EXPECT_EQ(RunGuarded({}, write).text, "written");
  return path;
}

std::string AsLzf(const std::vector<double>& values) {
  const size_t size = values.size() * sizeof(double);
  std::string bytes(size + 100, '\0');
  bytes.resize(lzf_compress(values.data(), static_cast<unsigned>(size), bytes.data(),
                            static_cast<unsigned>(bytes.size())));
  return bytes;
}

std::vector<double> ReadAll(const std::string& path) { return Hdf5File(path).Open("array").Read(); }

TEST(Hdf5FiltersTest, LzfIsReadWhateverSizeItsOptionsSay) {
  std::vector<double> values(1000, 0.5);  // to a 50th of its size
  for (size_t i = 0; i < values.size(); i += 100) values[i] = static_cast<double>(i);
  const std::string bytes = AsLzf(values);
  ASSERT_LT(bytes.size(), 1000U);
  for (const std::vector<unsigned>& options : std::vector<std::vector<unsigned>>{
           {4, 0x105, 8000}, {}, {4, 0x105}, {4, 0x105, 0}, {4, 0x105, 100}, {4, 0x105, 20000}}) {
    EXPECT_EQ(ReadAll(WriteChunk("lzf.hdf5", 1000, {{kLzf, options}}, bytes)), values)
        << testing::PrintToString(options);
  }
}

TEST(Hdf5FiltersTest, DamagedLzfIsAnError) {
  std::string bytes = AsLzf(std::vector<double>(1000, 0.5));
  const auto refusal = [](const std::string& damaged) {
    return Refusal([&] {
      ReadAll(WriteChunk("lzf.hdf5", 1000, {{kLzf, {4, 0x105, 8000}}}, damaged));
    });
  };
  EXPECT_THAT(refusal(bytes.substr(0, bytes.size() / 2)),
              testing::HasSubstr(":array: expected readable values, got an error of HDF5: "));
  bytes[0] = '\xff';  // a reference to what is before the start
  EXPECT_THAT(refusal(bytes), testing::HasSubstr("got an error of HDF5: "));
}

std::string AsGzip(const std::vector<double>& values) {
  uLongf size = compressBound(values.size() * sizeof(double));
  std::string bytes(size, '\0');
  compress(reinterpret_cast<Bytef*>(bytes.data()), &size,
           reinterpret_cast<const Bytef*>(values.data()), values.size() * sizeof(double));
  bytes.resize(size);
  return bytes;
}

// A stream does not say how much it holds: as little as it takes in the file, or a thousand times
// that, and after an array of another size.
TEST(Hdf5FiltersTest, GzipIsReadHoweverSmallItIs) {
  std::vector<double> noise(1000);
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = std::sin(static_cast<double>(i * i));
  for (const auto& values : {std::vector<double>(1000000, 0.0), noise, std::vector<double>{1, 2, 3},
                             std::vector<double>(50000, 0.25)}) {
    const hsize_t rows = values.size();
    EXPECT_EQ(ReadAll(WriteChunk("gzip.hdf5", rows, {{H5Z_FILTER_DEFLATE, {4}}}, AsGzip(values))),
              values);
  }
}

TEST(Hdf5FiltersTest, DamagedGzipIsAnError) {
  const std::string bytes = AsGzip(std::vector<double>(1000, 0.5));
  const auto refusal = [](const std::string& damaged) {
    return Refusal([&] {
      ReadAll(WriteChunk("gzip.hdf5", 1000, {{H5Z_FILTER_DEFLATE, {4}}}, damaged));
    });
  };
  std::string checksum = bytes;
  checksum.back() ^= 1;
  for (const std::string& damaged : {bytes.substr(0, bytes.size() / 2), checksum}) {
    EXPECT_THAT(refusal(damaged),
                testing::HasSubstr(":array: expected readable values, got an error of HDF5: "));
  }
}

// A chunk that would not get smaller is stored as it is.
TEST(Hdf5FiltersTest, ValuesThatNoFilterWentOverAreReadWithoutIt) {
  const std::string path = TemporaryPath("raw.hdf5");
  constexpr H5Z_filter_t kUnknown = 32015;
  const std::vector<double> values = {1, 2, 3};
  {
    const Hdf5Id file = CreateHdf5File(path), properties(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t rows = 3, first = 0;
    const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
    H5Pset_chunk(properties.get(), 1, &rows);
    H5Pset_filter(properties.get(), kUnknown, H5Z_FLAG_OPTIONAL, 0, nullptr);
    const Hdf5Id array(H5Dcreate2(file.get(), "array", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                  properties.get(), H5P_DEFAULT));
    constexpr uint32_t kLeftOut = 1;  // a bit for each filter
    ASSERT_GE(H5Dwrite_chunk(array.get(), H5P_DEFAULT, kLeftOut, &first, sizeof(double) * rows,
                             values.data()),
              0);
  }
  EXPECT_EQ(ReadAll(path), values);
}

TEST(Hdf5FiltersTest, FiltersThatAreNotThereAreNamedWithTheWayOut) {
  const WithoutPlugins none;
  const auto refusal = [](const std::string& path) { return Refusal([&] { ReadAll(path); }); };
  const auto expected = [](const std::string& path, const std::string& names) {
    return "reading data: " + path + ":array: expected readable values, got values compressed by " +
           names +
           ", for which HDF5 finds no plug-in: name its folder in HDF5_PLUGIN_PATH, or rewrite the "
           "file where there is one: h5repack -f GZIP=4 " +
           path + " OUT";
  };
  const std::string bytes(40, 'x');
  const std::string one = WriteChunk("one.hdf5", 5, {{32013, {}}}, bytes);
  EXPECT_EQ(refusal(one), expected(one, "ZFP (filter 32013)"));
  const std::string two = WriteChunk(
      "two.hdf5", 5, {{H5Z_FILTER_SHUFFLE, {}}, {32026, {}}, {kLzf, {}}, {307, {}}}, bytes);
  EXPECT_EQ(refusal(two), expected(two, "Blosc2 (filter 32026), bzip2 (filter 307)"));
  const std::string unknown = WriteChunk("unknown.hdf5", 5, {{40000, {}}}, bytes);
  EXPECT_EQ(refusal(unknown), expected(unknown, "filter 40000"));
}

TEST(Hdf5FiltersTest, FiltersThatNobodyKnowsAreCalledAsTheFileCallsThem) {
  constexpr H5Z_filter_t kNumber = 300;  // from 256 on: for tests
  constexpr auto kKeep = [](unsigned, size_t, const unsigned*, size_t bytes, size_t*, void**) {
    return bytes;
  };
  const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, kNumber, 1, 1, "keep", nullptr, nullptr, kKeep};
  ASSERT_GE(H5Zregister(&filter), 0);
  const std::string path = WriteChunk("kept.hdf5", 5, {{kNumber, {}}}, std::string(40, '\0'));
  EXPECT_EQ(ReadAll(path), std::vector<double>(5, 0));
  ASSERT_GE(H5Zunregister(kNumber), 0);
  EXPECT_THAT(Refusal([&] { ReadAll(path); }),
              testing::HasSubstr("values compressed by keep (filter 300), for which"));
}

}  // namespace
}  // namespace longplay
