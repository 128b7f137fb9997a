// SPDX-License-Identifier: MIT
#include "datasets/tables/load_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "datasets/data_error.h"
#include "datasets/parquet/parquet_table.h"
#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

std::string Write(const std::string& name, const std::string& bytes) {
  const std::string path = TemporaryPath(name);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string Refusal(const std::string& path) {
  try {
    LoadTable(path, {});
  } catch (const DataError& error) {
    return error.problem();
  }
  return "read";
}

TEST(LoadTableTest, ContentSaysWhatAFileIsWhateverItsName) {
  EXPECT_EQ(LoadTable(Write("table.npz", "a\tb\n1\t2\n"), {}).format, "csv");
  const std::string packed = TemporaryPath("table.csv");
  gzFile file = gzopen(packed.c_str(), "wb");
  gzputs(file, "a,b\n1,2\n3,4\n");
  gzclose(file);
  EXPECT_EQ(LoadTable(packed, {}).rows, 2);
  const NpzColumn one = {"<f4", "(1,)", BytesOf<float>({1})};
  const std::string archive =
      WriteNpz(TemporaryPath("arrays"), {{"observations", one}, {"actions", one}});
  EXPECT_EQ(LoadTable(archive, {}).format, "npz");
}

TEST(LoadTableTest, OtherFilesAreRefusedByWhatTheyAre) {
  const std::string tables = "expected a table (.csv, .tsv, .csv.gz, .npz, .parquet), got ";
  EXPECT_EQ(Refusal(TemporaryPath("none")), tables + "none: there is no such file");
  std::filesystem::create_directories(TemporaryPath("folder"));
  EXPECT_EQ(Refusal(TemporaryPath("folder")), tables + "a folder");
  EXPECT_EQ(Refusal(Write("a", "\x89HDF\r\n\x1a\n")),
            tables + "an HDF5 file: `longplay data convert` reads it");
  EXPECT_THAT(Refusal(Write("b", "PAR1....")),
              testing::StartsWith(HasParquet() ? "expected a whole file, got one without its end"
                                               : "expected a longplay with Parquet, got one"));
  EXPECT_EQ(Refusal(Write("c", "")), "expected a header, got an empty file");
  EXPECT_EQ(Refusal(Write("d", std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10))),
            "expected a whole gzip file, got a damaged one: its end is missing");
}

}  // namespace
}  // namespace longplay
