// SPDX-License-Identifier: MIT
// Damaged files of every layout: whatever is in them, opening them, validating them and reading
// them either works or is one exception that names the file; never a crash, an endless loop, or
// memory without bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>

#include "datasets/episode_reader.h"
#include "datasets/files/npz.h"
#include "datasets/formats/space_json.h"
#include "datasets/validate.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string kFixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Opens and reads everything; returns whether it was refused.
bool IsRefused(const std::string& path, const std::string& name) {
  try {
    const auto reader = OpenDataset(path);
    for (int64_t e = 0; e < reader->info().episodes; ++e) {
      for (const double value : reader->Read(e).observations) {
        EXPECT_TRUE(std::isfinite(value)) << name;
      }
    }
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(fs::path(path).filename().string())) << name;
    return true;
  }
  return false;
}

class CorruptionTest : public testing::TestWithParam<const char*> {};

// 2,400 files in all. The HDF5 library itself crashes on some of these, or does not return; that
// happens in a child process, which here may be silent for a short time only.
TEST_P(CorruptionTest, FourHundredCorruptedFilesHarmNothing) {
  setenv("LONGPLAY_SILENT_SECONDS", "2", 1);
  std::mt19937_64 random(7);
  const std::string path = TemporaryPath("damaged.hdf5"), sound = Bytes(kFixtures + GetParam());
  int refused = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::string bytes = sound;
    // The first quarter holds most of the structure; some damage goes anywhere.
    const size_t reach = trial % 4 == 0 ? bytes.size() : bytes.size() / 4;
    for (int k = 0; k < 1 + trial % 20; ++k) bytes[random() % reach] = static_cast<char>(random());
    WriteBytes(path, bytes);
    refused += IsRefused(path, GetParam()) ? 1 : 0;
    if (trial % 8 == 0) ValidateDataset(path);
  }
  EXPECT_GT(refused, 40);
  EXPECT_LT(refused, 400);  // else nothing was tested but the first check
  unsetenv("LONGPLAY_SILENT_SECONDS");
}

INSTANTIATE_TEST_SUITE_P(Files, CorruptionTest,
                         testing::Values("d4rl.hdf5", "minari_discrete/data/main_data.hdf5",
                                         "formats/robomimic_docs.hdf5", "formats/d3rlpy_tuple.h5",
                                         "formats/vintix.h5", "tables/arrays/ogbench.npz"),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(DamageTest, TruncatedHdf5FilesAreRefused) {
  for (const char* name : {"d4rl.hdf5", "formats/robomimic.hdf5", "formats/d3rlpy.h5"}) {
    const std::string sound = Bytes(kFixtures + name);
    for (int part = 0; part < 20; ++part) {
      const std::string path = TemporaryPath("short.hdf5");
      WriteBytes(path, sound.substr(0, sound.size() * part / 20));
      EXPECT_TRUE(IsRefused(path, name)) << part;
    }
  }
}

/// A little-endian number in a text of bytes.
void Put(std::string& bytes, size_t at, uint64_t value, int size) {
  for (int k = 0; k < size; ++k) bytes[at + k] = static_cast<char>(value >> (8 * k));
}

/// One .npy file with any header.
std::string Npy(const std::string& header, const std::string& values = "") {
  std::string bytes = std::string("\x93NUMPY\x01\x00", 8) + std::string(2, '\0') + header;
  Put(bytes, 8, header.size(), 2);
  return bytes + values;
}

/// A zip archive of one deflated file that says what sizes it likes.
std::string Zip(const std::string& name, const std::string& packed, uint64_t says_packed,
                uint64_t says_unpacked, int method = 8) {
  std::string local(30, '\0'), directory(46, '\0'), end(22, '\0');
  Put(local, 0, 0x04034b50, 4);
  Put(local, 26, name.size(), 2);
  Put(directory, 0, 0x02014b50, 4);
  Put(directory, 10, method, 2);
  Put(directory, 20, says_packed, 4);
  Put(directory, 24, says_unpacked, 4);
  Put(directory, 28, name.size(), 2);
  Put(end, 0, 0x06054b50, 4);
  Put(end, 10, 1, 2);
  Put(end, 16, local.size() + name.size() + packed.size(), 4);
  return local + name + packed + directory + name + end;
}

std::string Deflated(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Refusal(const std::string& bytes) {
  try {
    ParseNpz(std::as_bytes(std::span(bytes)), [](const std::string&) { return true; });
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

constexpr const char* kHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";

TEST(NpzDamageTest, WellMadeArchiveIsRead) {
  const std::string npy = Npy(kHeader, std::string(8, '\0')), packed = Deflated(npy);
  EXPECT_EQ(Refusal(Zip("a.npy", packed, packed.size(), npy.size())), "read");
  EXPECT_EQ(Refusal(Zip("a.npy", npy, npy.size(), npy.size(), 0)), "read");
}

TEST(NpzDamageTest, LyingSizesAreRefused) {
  const std::string npy = Npy(kHeader, std::string(8, '\0')), packed = Deflated(npy);
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), npy.size() + 1)),
              HasSubstr("a damaged stream"));
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), npy.size() - 1)),
              HasSubstr("a damaged stream"));
  EXPECT_THAT(Refusal(Zip("a.npy", packed, 1000, npy.size())), HasSubstr("truncated"));
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), 0xfffffff0)), HasSubstr("at most"));
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), 500000000)),
              HasSubstr("a size that its packed bytes can have"));
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), npy.size(), 12)),
              HasSubstr("stored or deflated"));
}

TEST(NpzDamageTest, WordsOfZlibAreKept) {
  const std::string npy = Npy(kHeader, std::string(8, '\0'));
  std::string packed = Deflated(npy);
  packed[0] = 0x07;  // the last block, of the kind that there is not
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), npy.size())),
              HasSubstr("a damaged stream: invalid block type"));
}

// A megabyte that unpacks to a gigabyte and more.
TEST(NpzDamageTest, ZipBombIsRefusedBeforeItIsUnpacked) {
  std::string zeros(64 << 20, '\0');
  const std::string packed = Deflated(zeros);
  EXPECT_LT(packed.size(), zeros.size() / 900);
  EXPECT_THAT(Refusal(Zip("a.npy", packed, packed.size(), uint64_t{1200} << 20)),
              HasSubstr("at most"));
}

TEST(NpzDamageTest, WrongHeadersAreRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "npy header with descr"},
      {"{'descr': '<f4'}", "npy header with fortran_order"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2", "half of one"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "a whole file"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "a shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", "a shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "a shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "at most"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000,), }", "at most"},
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", "little-endian"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "little-endian"},
      {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "little-endian"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "structured"},
  };
  for (const auto& [header, part] : cases) {
    const std::string npy = Npy(header, std::string(8, '\0'));
    EXPECT_THAT(Refusal(Zip("a.npy", npy, npy.size(), npy.size(), 0)), HasSubstr(part)) << header;
  }
}

/// A folder with one damaged episode.
bool FolderIsRefused(const std::string& bytes) {
  const std::string folder = TemporaryPath("exorl_damaged");
  fs::create_directories(folder);
  WriteBytes(folder + "/episode_000000_6.npz", bytes);
  try {
    OpenDataset(folder)->Read(0);
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("episode_000000_6.npz"));
    return true;
  }
  return false;
}

TEST(NpzDamageTest, TwoHundredDamagedFilesHarmNothing) {
  std::mt19937_64 random(3);
  const std::string sound = Bytes(kFixtures + "formats/exorl/episode_000000_6.npz");
  EXPECT_FALSE(FolderIsRefused(sound));
  int refused = 0;
  for (int trial = 0; trial < 150; ++trial) {
    std::string bytes = sound;
    for (int k = 0; k < 1 + trial % 9; ++k)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    refused += FolderIsRefused(bytes) ? 1 : 0;
  }
  EXPECT_GT(refused, 100);
  for (int part = 0; part < 50; ++part) {
    EXPECT_TRUE(FolderIsRefused(sound.substr(0, sound.size() * part / 50))) << part;
  }
}

TEST(SpaceDamageTest, DeepNestingIsNoCallDepth) {
  constexpr int kDepth = 200000;
  const std::string deep = std::string(kDepth, '[') + "1" + std::string(kDepth, ']');
  const Space space =
      ParseSpace(R"({"type": "Box", "shape": [1], "low": )" + deep + R"(, "high": [[[2]]]})");
  EXPECT_TRUE(space.low.empty());
  EXPECT_EQ(space.high, std::vector<double>{2});
  EXPECT_TRUE(ParseSpace(deep).type.empty());
  EXPECT_TRUE(ParseSpace(R"({"type": 3})").type.empty());
}

}  // namespace
}  // namespace longplay
