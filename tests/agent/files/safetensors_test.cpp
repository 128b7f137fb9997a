// SPDX-License-Identifier: MIT
#include "agent/files/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

TensorMap Some() {
  return {{"a", torch::arange(6, torch::kFloat32).view({2, 3})},
          {"b", torch::tensor({1e300, -2.0}, torch::kFloat64)},
          {"c", torch::tensor({int64_t{1} << 60}, torch::kInt64)},
          {"d", torch::tensor({1, 255}, torch::kUInt8)},
          {"empty", torch::empty({0, 4})}};
}

std::string RefusalOf(const std::string& header, const std::string& data) {
  const std::string path = TemporaryPath("file.safetensors");
  const uint64_t size = header.size();
  std::string bytes(sizeof size, '\0');
  std::memcpy(bytes.data(), &size, sizeof size);
  std::ofstream(path, std::ios::binary) << bytes << header << data;
  try {
    ReadSafetensors(path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

TEST(SafetensorsTest, WhatIsWrittenIsRead) {
  const std::string path = TemporaryPath("some.safetensors");
  WriteSafetensors(path, Some(), {{"format", "pt"}});
  const TensorMap read = ReadSafetensors(path);
  ASSERT_EQ(read.size(), 5U);
  for (const auto& [name, tensor] : Some())
    EXPECT_TRUE(torch::equal(read.at(name), tensor)) << name;
}

TEST(SafetensorsTest, ThePythonPackageReadsOurFiles) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  const std::string path = TemporaryPath("some.safetensors");
  WriteSafetensors(path, Some(), {{"format", "pt"}});
  const std::string output = RunPython(R"(
import sys
from safetensors.numpy import load_file
for name, array in sorted(load_file(sys.argv[1]).items()):
    print(name, array.dtype, array.tolist())
)",
                                       path);
  EXPECT_EQ(output,
            "a float32 [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]\n"
            "b float64 [1e+300, -2.0]\n"
            "c int64 [1152921504606846976]\n"
            "d uint8 [1, 255]\n"
            "empty float32 []\n");
}

TEST(SafetensorsTest, DamagedFilesAreRefused) {
  const std::string four(4, '\0'), eight(8, '\0');
  EXPECT_EQ(RefusalOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four), "read");
  EXPECT_THAT(RefusalOf("no json", four), HasSubstr("expected a JSON header"));
  EXPECT_THAT(RefusalOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", four),
              HasSubstr("inside the file"));
  EXPECT_THAT(RefusalOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", eight),
              HasSubstr("8 bytes of a"));
  EXPECT_THAT(RefusalOf(R"({"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}})", four),
              HasSubstr("dtype"));
  EXPECT_THAT(RefusalOf(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four),
              HasSubstr("sizes of a from 0"));
  EXPECT_THAT(RefusalOf(R"({"a":{"shape":[1]}})", four),
              HasSubstr("dtype, shape and data_offsets"));
  EXPECT_THAT(RefusalOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                        R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                        eight),
              HasSubstr("an overlap"));
}

// The fuzzer's: what is shown of a header is not nested without bound; a size beside a 0 counts.
TEST(SafetensorsTest, HeadersOfAFuzzerAreRefused) {
  constexpr int kDepth = 200000;
  const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_THAT(
      RefusalOf(R"({"a":{"dtype":"F32","shape":[)" + deep + R"(],"data_offsets":[0,4]}})", ""),
      HasSubstr("reading weights"));
  EXPECT_THAT(RefusalOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8,)" + deep + "]}}",
                        "12345678"),
              HasSubstr("4 bytes of a inside the file"));
  EXPECT_THAT(
      RefusalOf(R"({"a":{"dtype":"U8","shape":[0,9223372036854775808],"data_offsets":[0,0]}})", ""),
      HasSubstr("sizes of a"));
  EXPECT_THAT(
      RefusalOf(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}})",
                ""),
      HasSubstr("sizes of a"));
}

}  // namespace
}  // namespace longplay
