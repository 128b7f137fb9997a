// SPDX-License-Identifier: MIT
// MujocoEnvironment's pictures.
#include "env/physics/mujoco_environment.h"
#include "env/physics/mujoco_handles.h"
#include "env/rendering/renderer.h"

namespace longplay {
namespace {

class MujocoCamera : public Camera {
 public:
  MujocoCamera(const MujocoEnvironment& environment, int width, int height)
      : environment_(environment),
        renderer_(environment.model(), width, height),
        data_(mj_makeData(environment.model())) {}

  std::vector<uint8_t> Take(int64_t i, const std::string& caption) override {
    // A copy, so that a picture changes nothing of the simulation.
    environment_.CopyState(i, data_.get());
    return renderer_.Render(data_.get(), caption);
  }

 private:
  const MujocoEnvironment& environment_;
  Renderer renderer_;
  DataPtr data_;
};

}  // namespace

std::unique_ptr<Camera> MujocoEnvironment::MakeCamera(int width, int height) const {
  return std::make_unique<MujocoCamera>(*this, width, height);
}

}  // namespace longplay
