// SPDX-License-Identifier: MIT
#include "datasets/chains/loading_benchmark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// Three episodes of two steps.
std::string WriteSixSteps() {
  const std::string path = TemporaryPath("six_steps.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  for (double e = 0; e < 3; ++e) {
    writer.Write({.observation_size = 1,
                  .action_columns = 1,
                  .observations = {e, e + 1, e + 2},
                  .actions = {0, 1},
                  .rewards = {1, 1},
                  .truncated = true});
  }
  writer.Finish();
  return path;
}

constexpr LoadingBenchmarkOptions kShort{.episodes = 2, .seconds = 0};

TEST(LoadingBenchmarkTest, EverythingIsMeasured) {
  const LoadingBenchmark result = BenchmarkLoading(WriteSixSteps(), kShort);
  EXPECT_EQ(result.episodes, 3);
  EXPECT_EQ(result.steps, 6);
  EXPECT_GT(result.open_seconds, 0);
  EXPECT_GT(result.read_steps_per_second, 0);
  EXPECT_GT(result.mapped_steps_per_second, 0);
  EXPECT_GT(result.chain_milliseconds, 0);
  EXPECT_GT(result.anonymous_bytes, 1 << 16) << "no process has less";
}

TEST(LoadingBenchmarkTest, PackIsMadeOnceAndStays) {
  const std::string path = WriteSixSteps(), manifest = path + ".packed/manifest.json";
  BenchmarkLoading(path, kShort);
  ASSERT_TRUE(fs::exists(manifest));
  const auto made = fs::last_write_time(manifest);
  BenchmarkLoading(path, kShort);
  EXPECT_EQ(fs::last_write_time(manifest), made);
}

TEST(LoadingBenchmarkTest, ChainsMayHoldMoreEpisodesThanTheSet) {
  const LoadingBenchmark result = BenchmarkLoading(WriteSixSteps(), {.episodes = 50, .seconds = 0});
  EXPECT_GT(result.chain_milliseconds, 0);
}

TEST(LoadingBenchmarkTest, FileThatIsNotThereIsNamed) {
  EXPECT_THAT([] { BenchmarkLoading("/no/such.hdf5", kShort); },
              testing::ThrowsMessage<std::runtime_error>(
                  "reading data: /no/such.hdf5: expected a data file or folder, got none: there is "
                  "no such file"));
}

}  // namespace
}  // namespace longplay
