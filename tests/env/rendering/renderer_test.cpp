// SPDX-License-Identifier: MIT
#include "env/rendering/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "env/list/make_listed_environment.h"
#include "env/physics/mujoco_handles.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

class RendererTest : public MujocoTest {
 protected:
  // The test is about pictures; a machine without EGL is another matter, and it says so.
  std::unique_ptr<Renderer> MakeRenderer(const mjModel* model, int width, int height) {
    try {
      return std::make_unique<Renderer>(model, width, height);
    } catch (const std::runtime_error& error) {
      reason_ = error.what();
      return nullptr;
    }
  }
  std::string reason_;
};

TEST_F(RendererTest, FrameShowsTheCartpole) {
  unsetenv("DISPLAY");
  BatchedEnvironment environment = MakeListedEnvironment("dm_control/cartpole-swingup-v0", {});
  environment.Reset(0, 1);
  const auto renderer = MakeRenderer(environment.model(), 161, 120);
  if (!renderer) GTEST_SKIP() << reason_;
  const DataPtr data(mj_makeData(environment.model()));
  environment.CopyState(0, data.get());
  const std::vector<uint8_t> frame = renderer->Render(data.get());
  ASSERT_EQ(frame.size(), 161u * 120 * 3);
  std::set<std::array<uint8_t, 3>> colours;
  for (size_t k = 0; k < frame.size(); k += 3)
    colours.insert({frame[k], frame[k + 1], frame[k + 2]});
  EXPECT_GT(colours.size(), 50u);
  EXPECT_EQ(renderer->Render(data.get()), frame);
  EXPECT_NE(renderer->Render(data.get(), "return 12.5"), frame);
}

TEST_F(RendererTest, GoalIsDrawnWhereItIs) {
  BatchedEnvironment environment = MakeListedEnvironment("family/point-goal-v0", {});
  const auto renderer = MakeRenderer(environment.model(), 160, 120);
  if (!renderer) GTEST_SKIP() << reason_;
  const DataPtr data(mj_makeData(environment.model()));
  std::vector<std::vector<uint8_t>> frames;
  for (uint64_t goal : {1, 2}) {
    environment.StartChain(0, goal);
    environment.Reset(0, 7);
    environment.CopyState(0, data.get());
    frames.push_back(renderer->Render(data.get()));
  }
  EXPECT_NE(frames[0], frames[1]);
}

class VideoWriterTest : public testing::Test {
 protected:
  VideoWriterTest()
      : path_(fs::temp_directory_path() / ("longplay_video_" + std::to_string(getpid()) + ".mp4")) {
    fs::remove(path_);
  }
  ~VideoWriterTest() override { fs::remove(path_); }
  fs::path path_;
};

TEST_F(VideoWriterTest, FinishedFileIsAnMp4) {
  VideoWriter writer(path_, 33, 20, 10);  // an odd width is padded
  for (int t = 0; t < 5; ++t) writer.Write(std::vector<uint8_t>(33 * 20 * 3, 40 * t));
  EXPECT_FALSE(fs::exists(path_));
  writer.Finish();
  std::ifstream file(path_, std::ios::binary);
  std::string head(8, ' ');
  file.read(head.data(), 8);
  EXPECT_EQ(head.substr(4), "ftyp");
}

TEST_F(VideoWriterTest, UnfinishedWriterLeavesNoFile) {
  { VideoWriter(path_, 32, 20, 10).Write(std::vector<uint8_t>(32 * 20 * 3)); }
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_FALSE(fs::exists(path_.string() + ".part"));
}

TEST_F(VideoWriterTest, FailureOfTheEncoderIsAnErrorNotASignal) {
  VideoWriter writer("/nowhere/video.mp4", 320, 200, 10);
  const std::vector<uint8_t> frame(320 * 200 * 3);
  const auto write = [&] {
    for (int t = 0; t < 100; ++t) writer.Write(frame);
    writer.Finish();
  };
  EXPECT_THAT(write, testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("/nowhere")));
}

TEST_F(VideoWriterTest, MissingProgramNamesThePackage) {
  const std::string saved = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  EXPECT_THAT([&] { VideoWriter(path_, 32, 20, 10); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("package ffmpeg")));
  setenv("PATH", saved.c_str(), 1);
}

TEST_F(VideoWriterTest, FrameOfAnotherSizeIsRefused) {
  VideoWriter writer(path_, 32, 20, 10);
  EXPECT_THROW(writer.Write(std::vector<uint8_t>(10)), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
