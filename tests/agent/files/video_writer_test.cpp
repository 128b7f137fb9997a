// SPDX-License-Identifier: MIT
#include "agent/files/video_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace longplay {
namespace {

namespace fs = std::filesystem;

class VideoWriterTest : public testing::Test {
 protected:
  VideoWriterTest()
      : path_(fs::temp_directory_path() / ("longplay_video_" + std::to_string(getpid()) + ".mp4")) {
    fs::remove(path_);
  }
  ~VideoWriterTest() override { fs::remove(path_); }
  fs::path path_;
};

TEST_F(VideoWriterTest, TheEndingSaysWhatIsMade) {
  const fs::path gif = path_.parent_path() / (path_.stem().string() + ".gif");
  VideoWriter writer(gif, 33, 20, 10);
  for (int t = 0; t < 3; ++t) writer.Write(std::vector<uint8_t>(33 * 20 * 3, 40 * t));
  writer.Finish();
  std::ifstream file(gif, std::ios::binary);
  std::string head(6, ' ');
  file.read(head.data(), 6);
  EXPECT_EQ(head, "GIF89a");
  fs::remove(gif);
  EXPECT_THROW(VideoWriter("film.avi", 32, 20, 10), std::invalid_argument);
}

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
