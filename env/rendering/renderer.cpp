// SPDX-License-Identifier: MIT
#include "env/rendering/renderer.h"

#include <algorithm>
#include <stdexcept>

#include "env/rendering/egl_context.h"

namespace longplay {
namespace {

constexpr int kMaxGeoms = 2000;  // more are not drawn; the largest model of the suites has 300

mjvCamera ChooseCamera(const mjModel* model) {
  mjvCamera camera;
  mjv_defaultFreeCamera(model, &camera);
  if (model->ncam > 0) {
    camera.type = mjCAMERA_FIXED;
    camera.fixedcamid = 0;
  }
  return camera;
}

// OpenGL's first row is at the bottom.
void FlipRows(std::vector<uint8_t>& pixels, int width, int height) {
  const auto row = [&](int y) { return pixels.begin() + static_cast<int64_t>(y) * width * 3; };
  for (int y = 0; y < height / 2; ++y) {
    std::swap_ranges(row(y), row(y + 1), row(height - 1 - y));
  }
}

}  // namespace

struct Renderer::Impl {
  const mjModel* model;
  mjrRect viewport;
  EglContext egl;
  mjvCamera camera;
  mjvOption option;
  mjvScene scene;
  mjrContext context;

  Impl(const mjModel* m, int width, int height)
      : model(m), viewport{0, 0, width, height}, camera(ChooseCamera(m)) {
    // Scene first; the OpenGL context is current since `egl` was made, as mjr_* needs it.
    mjv_defaultOption(&option);
    mjv_defaultScene(&scene);
    mjr_defaultContext(&context);
    mjv_makeScene(model, &scene, kMaxGeoms);
    mjr_makeContext(model, &context, mjFONTSCALE_100);
    mjr_resizeOffscreen(width, height, &context);
    mjr_setBuffer(mjFB_OFFSCREEN, &context);
  }
  ~Impl() {
    mjr_freeContext(&context);
    mjv_freeScene(&scene);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

Renderer::Renderer(const mjModel* model, int width, int height) {
  if (width < 1 || height < 1) {
    throw std::invalid_argument("rendering off-screen: size: expected at least 1 x 1, got " +
                                std::to_string(width) + " x " + std::to_string(height));
  }
  impl_ = std::make_unique<Impl>(model, width, height);
}

Renderer::~Renderer() = default;

int Renderer::width() const { return impl_->viewport.width; }
int Renderer::height() const { return impl_->viewport.height; }

std::vector<uint8_t> Renderer::Render(mjData* data, const std::string& caption) {
  Impl& impl = *impl_;
  // Another renderer, or another thread, may have been last.
  impl.egl.MakeCurrent();
  mjv_updateScene(impl.model, data, &impl.option, nullptr, &impl.camera, mjCAT_ALL, &impl.scene);
  mjr_render(impl.viewport, &impl.scene, &impl.context);
  if (!caption.empty()) {
    mjr_overlay(mjFONT_NORMAL, mjGRID_TOPLEFT, impl.viewport, caption.c_str(), nullptr,
                &impl.context);
  }
  std::vector<uint8_t> pixels(static_cast<size_t>(width()) * height() * 3);
  mjr_readPixels(pixels.data(), nullptr, impl.viewport, &impl.context);
  FlipRows(pixels, width(), height());
  return pixels;
}

}  // namespace longplay
