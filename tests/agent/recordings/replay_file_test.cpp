// SPDX-License-Identifier: MIT
#include "agent/recordings/replay_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

// Recorded from Gymnasium and dm_control (tests/env/fixtures/make_fixtures.py).
const std::string kTraces = LONGPLAY_SOURCE_DIR "/tests/env/fixtures/traces/";

TEST(ReplayFileTest, RecordingsOfTheOriginalsComeOutEqual) {
  for (const std::string name :
       {"Hopper-v5", "dm_control_cartpole-swingup-v0", "dm_control_reacher-easy-v0"}) {
    int64_t last = 0;
    const ReplayedFile replayed =
        ReplayFile(kTraces + name + ".hdf5", "", 2, [&](int64_t done, int64_t) { last = done; });
    EXPECT_EQ(replayed.result.steps, 200) << name;
    EXPECT_EQ(last, 200);
    EXPECT_LT(replayed.result.max_observation_error, 1e-9) << name;
    EXPECT_LT(replayed.result.max_reward_error, 1e-9) << name;
    EXPECT_EQ(replayed.result.end_mismatches, 0) << name;
  }
}

TEST(ReplayFileTest, AnotherTaskIsRefusedWithTheArrayThatDoesNotFit) {
  EXPECT_THAT([] { ReplayFile(kTraces + "Hopper-v5.hdf5", "HalfCheetah-v5", 1, {}); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("actions")));
}

TEST(ReplayFileTest, FilesWithoutStatesAndDamagedFilesAreNamed) {
  const std::string damaged = TemporaryPath("damaged.hdf5");
  {
    std::ifstream whole(kTraces + "Hopper-v5.hdf5", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(whole)), {});
    std::ofstream(damaged, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  }
  EXPECT_THAT([&] { ReplayFile(damaged, "", 1, {}); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("damaged.hdf5")));
  EXPECT_THAT([&] { ReplayFile(TemporaryPath("none.hdf5"), "", 1, {}); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("none.hdf5")));
}

}  // namespace
}  // namespace longplay
