// SPDX-License-Identifier: MIT
#include "datasets/tables/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

std::string Packed(const std::string& text) {
  const std::string path = TemporaryPath("packed.gz");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  std::ifstream bytes(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(bytes), {}};
}

std::string Unpacked(const std::string& bytes, int64_t most = 1 << 20) {
  try {
    return Gunzip(std::as_bytes(std::span(bytes)), most);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(GzipTest, WhatWasPackedComesBack) {
  std::string text;
  for (int64_t i = 0; i < 100000; ++i) text += std::to_string(i * i);  // several chunks
  EXPECT_EQ(Unpacked(Packed(text)), text);
  EXPECT_EQ(Unpacked(Packed("")), "");
  EXPECT_EQ(Unpacked(Packed("one ") + Packed("two")), "one two") << "members one after another";
}

TEST(GzipTest, DamageAndTooMuchAreErrors) {
  const std::string bytes = Packed(std::string(100000, 'a'));
  const std::string damaged = "expected a whole gzip file, got a damaged one";
  EXPECT_EQ(Unpacked(bytes.substr(0, bytes.size() - 9)), damaged + ": its end is missing");
  std::string changed = bytes;
  changed[bytes.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(Unpacked(changed), damaged + ": incorrect data check");
  EXPECT_EQ(Unpacked("x,y\n1,2\n"), damaged + ": incorrect header check");
  EXPECT_EQ(Unpacked(bytes, 1000), "expected at most 1000 unpacked bytes, got more");
}

TEST(GzipTest, IsKnownByItsFirstBytes) {
  const std::string packed = Packed("text"), text = "text";
  EXPECT_TRUE(IsGzip(std::as_bytes(std::span(packed))));
  EXPECT_FALSE(IsGzip(std::as_bytes(std::span(text))));
  EXPECT_FALSE(IsGzip({}));
}

}  // namespace
}  // namespace longplay
