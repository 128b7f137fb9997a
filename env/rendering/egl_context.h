// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

namespace longplay {

/// An OpenGL context without window or display. libEGL is loaded when the first one is made; on a
/// machine without a GPU, Mesa renders in software.
class EglContext {
 public:
  /// Throws std::runtime_error naming the packages to install when EGL is missing or fails.
  EglContext();
  ~EglContext();
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;

  /// Makes OpenGL calls of this thread go to this context.
  void MakeCurrent() const;

 private:
  void* display_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace longplay
