// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace longplay {

/// Encodes frames through the ffmpeg program: as an animation if the path ends in .gif, else as
/// H.264 mp4. Odd sizes are padded by one pixel.
class VideoWriter {
 public:
  /// Throws std::invalid_argument for a path that ends in neither .mp4 nor .gif,
  /// std::runtime_error naming the package to install when ffmpeg is missing.
  VideoWriter(const std::string& path, int width, int height, int frames_per_second);
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// [height, width, 3] bytes, top row first. Throws std::runtime_error when ffmpeg has failed.
  void Write(std::span<const uint8_t> frame);
  /// Closes the file; throws when ffmpeg failed. A writer that is not finished leaves no file.
  void Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
