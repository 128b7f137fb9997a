// SPDX-License-Identifier: MIT
#include "env/literature/published_random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/env/fixture_file.h"

namespace longplay {
namespace {

const FixtureFile& Lists() {
  // numpy 2.4 and CPython drew them (make_literature_fixtures.py).
  static const FixtureFile file(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/lists.hdf5");
  return file;
}

TEST(PublishedRandomTest, UniformNumbersAreNumpysToTheLastBit) {
  MersenneTwister twister = MersenneTwister::OfNumpy(123456);
  for (const double expected : Lists().Read<double>("numpy_uniform")) {
    EXPECT_EQ(twister.Uniform(-1, 1), expected);
  }
}

// The standard library has the same generator, seeded by a number.
TEST(PublishedRandomTest, WordsAreTheStandardsOverSeveralRefills) {
  MersenneTwister twister = MersenneTwister::OfNumpy(5489);
  std::mt19937 standard(5489);
  for (int k = 0; k < 2000; ++k) ASSERT_EQ(twister.Next(), standard()) << k;
}

TEST(PublishedRandomTest, ShufflesAreNumpysAndPythons) {
  EXPECT_EQ(ShuffledByNumpy(0, 100), Lists().Read<int64_t>("numpy_shuffle_100"));
  EXPECT_EQ(ShuffledByPython(0, 81), Lists().Read<int64_t>("python_shuffle_81"));
  EXPECT_EQ(ShuffledByPython(4, 6561), Lists().Read<int64_t>("python_shuffle_6561"));
}

}  // namespace
}  // namespace longplay
