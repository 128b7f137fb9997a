// SPDX-License-Identifier: MIT
#include "datasets/readers/d3rlpy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

// Once its first value was read, which is not there.
TEST(D3rlpyReaderTest, EmptyArrayForTheNumberOfEpisodesIsAnError) {
  const std::string path = TemporaryPath("no_number.h5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteArray(file.get(), "num_episodes", {0}, "int64", {});
  }
  try {
    OpenD3rlpy(path);
    FAIL() << "opened";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(":num_episodes: expected a number, got none"));
  }
}

}  // namespace
}  // namespace longplay
