// SPDX-License-Identifier: MIT
#include "env/literature/legacy_task.h"

#include <algorithm>
#include <limits>

#include "env/physics/model_files.h"

namespace longplay {
namespace {

std::string GymnasiumFile(const std::string& file) {
  return "gymnasium/envs/mujoco/assets/" + file;
}

// mjs_getId counts geoms as the compiled model does.
void TakeCapsulesAsCylinders(mjSpec* spec, const mjModel& compiled) {
  for (mjsElement* element = mjs_firstElement(spec, mjOBJ_GEOM); element != nullptr;
       element = mjs_nextElement(spec, element)) {
    mjsGeom* geom = mjs_asGeom(element);
    const int id = mjs_getId(element);
    if (compiled.geom_type[id] != mjGEOM_CAPSULE) continue;
    const double* size = compiled.geom_size + 3 * id;  // radius, half of the middle's length
    geom->type = mjGEOM_CYLINDER;
    geom->size[0] = size[0];
    geom->size[1] = size[1] + size[0] / 2;
    // Where it is, in place of its two ends.
    geom->fromto[0] = std::numeric_limits<double>::quiet_NaN();
    geom->alt.type = mjORIENTATION_QUAT;
    std::copy_n(compiled.geom_pos + 3 * id, 3, geom->pos);
    std::copy_n(compiled.geom_quat + 4 * id, 4, geom->quat);
  }
}

}  // namespace

ModelPtr LoadLegacyModel(const std::string& file) {
  const std::string path = GymnasiumFile(file);
  ModelPtr model = LoadModel(path);
  // A twin whose capsules are cylinders says what bodies weigh; collisions stay those of capsules.
  const SpecPtr spec = ReadModel(path);
  CompileModel(spec.get(), path);
  TakeCapsulesAsCylinders(spec.get(), *model);
  const ModelPtr twin = CompileModel(spec.get(), path);
  const int n = model->nbody;
  std::copy_n(twin->body_mass, n, model->body_mass);
  std::copy_n(twin->body_inertia, 3 * n, model->body_inertia);
  std::copy_n(twin->body_ipos, 3 * n, model->body_ipos);
  std::copy_n(twin->body_iquat, 4 * n, model->body_iquat);
  // The old compiler derived its constants from these masses.
  const DataPtr data(mj_makeData(model.get()));
  mj_setConst(model.get(), data.get());
  return model;
}

LegacyTask::LegacyTask(TaskArguments& arguments, const Robot& robot)
    : Task(arguments.Choice("capsules", {"legacy", "exact"}) == 0
               ? LoadLegacyModel(robot.file)
               : LoadModel(GymnasiumFile(robot.file))),
      frame_skip_(robot.frame_skip) {
  if (robot.timestep > 0) mutable_model()->opt.timestep = robot.timestep;
  dt_ = model()->opt.timestep * frame_skip_;
}

void LegacyTask::Simulate(const Simulation& s, std::span<const double> action) const {
  std::copy(action.begin(), action.end(), s.data->ctrl);
  for (int i = 0; i < frame_skip_; ++i) mj_step(s.model, s.data);
}

}  // namespace longplay
