// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace longplay {

/// Off-screen pictures through EGL; works without a GPU or display. libEGL is loaded when first
/// needed, so the program runs without it.
class Renderer {
 public:
  /// Throws std::runtime_error naming the package to install when EGL is missing or fails.
  Renderer(const mjModel* model, int width, int height);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  /// [height, width, 3] bytes, top row first; `data` must be up to date (mj_forward).
  std::vector<uint8_t> Render(mjData* data);
  int width() const;
  int height() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Encodes frames as H.264 mp4 through the ffmpeg program.
class VideoWriter {
 public:
  /// Throws std::runtime_error naming the package to install when ffmpeg is missing.
  VideoWriter(const std::string& path, int width, int height, int frames_per_second);
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  void Write(std::span<const uint8_t> frame);  // [height, width, 3]
  /// Closes the file; throws when ffmpeg failed. A writer that is not finished leaves no file.
  void Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
