// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace longplay {

/// Off-screen pictures through EGL; works without a GPU or display. libEGL is loaded when first
/// needed, so the program runs without it. The model's first camera is used if it has one.
class Renderer {
 public:
  /// `model` is the caller's and must outlive this.
  /// Throws std::runtime_error naming the package to install when EGL is missing or fails.
  Renderer(const mjModel* model, int width, int height);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  /// [height, width, 3] bytes, top row first; `data` must be up to date (mj_forward). The caption
  /// is drawn into the upper left corner.
  std::vector<uint8_t> Render(mjData* data, const std::string& caption = "");
  int width() const;
  int height() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
