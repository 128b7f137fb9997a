// SPDX-License-Identifier: MIT
#include "env/user/quantity.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace longplay {
namespace {

constexpr std::array<const char*, 3> kAxes = {"x", "y", "z"};
constexpr size_t kNamesShown = 12;

/// Numbers of a joint in qpos (with a quaternion) and in qvel.
int PositionSize(int joint_type) {
  return joint_type == mjJNT_FREE ? 7 : joint_type == mjJNT_BALL ? 4 : 1;
}
int VelocitySize(int joint_type) {
  return joint_type == mjJNT_FREE ? 6 : joint_type == mjJNT_BALL ? 3 : 1;
}

[[noreturn]] void Fail(const QuantityOptions& options, const std::string& expected,
                       const std::string& got) {
  throw std::invalid_argument("reading task: " + options.where + ": expected " + expected +
                              ", got " + got);
}

/// The first names of a kind of element, for a message.
std::string NamesOf(const mjModel* model, mjtObj type, int count) {
  std::string names;
  size_t shown = 0;
  for (int i = 0; i < count; ++i) {
    const char* name = mj_id2name(model, type, i);
    if (name == nullptr || *name == '\0') continue;
    if (++shown > kNamesShown) return names + ", ...";
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names.empty() ? "none has a name" : names;
}

int CountOf(const mjModel* m, mjtObj type) {
  switch (type) {
    case mjOBJ_BODY:
      return static_cast<int>(m->nbody);
    case mjOBJ_JOINT:
      return static_cast<int>(m->njnt);
    case mjOBJ_GEOM:
      return static_cast<int>(m->ngeom);
    case mjOBJ_SITE:
      return static_cast<int>(m->nsite);
    default:
      return static_cast<int>(m->nsensor);
  }
}

}  // namespace

const std::vector<std::pair<std::string, QuantityKind>>& QuantityKinds() {
  using enum QuantityKind;
  static const std::vector<std::pair<std::string, QuantityKind>> kinds = {
      {"one", kOne},
      {"qpos", kPositions},
      {"qvel", kVelocities},
      {"ctrl", kControls},
      {"act", kActivations},
      {"sensors", kSensors},
      {"sensor", kSensor},
      {"joint_position", kJointPosition},
      {"joint_velocity", kJointVelocity},
      {"body_position", kBodyPosition},
      {"body_velocity", kBodyVelocity},
      {"body_angular_velocity", kBodyAngularVelocity},
      {"body_orientation", kBodyOrientation},
      {"body_up", kBodyUp},
      {"site_position", kSitePosition},
      {"geom_position", kGeomPosition},
      {"site_difference", kSiteDifference}};
  return kinds;
}

Quantity::Quantity(const mjModel* model, const QuantityOptions& options)
    : kind_(options.kind), clip_(options.clip) {
  Find(model, options);
  if (options.axis >= all_) {
    Fail(options, "a quantity with an axis " + std::string(kAxes[options.axis]),
         std::to_string(all_) + " number(s)");
  }
  if (options.from < 0 || options.from >= all_) {
    Fail(options, "from: 0 ... " + std::to_string(all_ - 1), std::to_string(options.from));
  }
  // `axis` chooses one number, `from` all from there on.
  first_ = options.axis >= 0 ? options.axis : options.from;
  count_ = options.axis >= 0 ? 1 : all_ - options.from;
}

int Quantity::Id(const mjModel* model, mjtObj type, const QuantityOptions& options,
                 const std::string& name) const {
  // A wrong name is answered by those that the model has.
  const int id = mj_name2id(model, type, name.c_str());
  if (id >= 0) return id;
  Fail(options,
       "the name of a " + std::string(mju_type2Str(type)) + " (" +
           NamesOf(model, type, CountOf(model, type)) + ")",
       "\"" + name + "\"");
}

void Quantity::Find(const mjModel* model, const QuantityOptions& options) {
  // Unless said otherwise below: three numbers, in the world's frame.
  const auto id = [&](mjtObj type) { return Id(model, type, options, options.name); };
  all_ = 3;
  switch (kind_) {
    using enum QuantityKind;
    case kOne:
      all_ = 1;
      break;
    case kPositions:
      all_ = model->nq;
      break;
    case kVelocities:
      all_ = model->nv;
      break;
    case kControls:
      all_ = model->nu;
      break;
    case kActivations:
      all_ = model->na;
      break;
    case kSensors:
      all_ = model->nsensordata;
      break;
    case kSensor:
      id_ = model->sensor_adr[id(mjOBJ_SENSOR)];
      all_ = model->sensor_dim[id(mjOBJ_SENSOR)];
      break;
    case kJointPosition:
      id_ = model->jnt_qposadr[id(mjOBJ_JOINT)];
      all_ = PositionSize(model->jnt_type[id(mjOBJ_JOINT)]);
      break;
    case kJointVelocity:
      id_ = model->jnt_dofadr[id(mjOBJ_JOINT)];
      all_ = VelocitySize(model->jnt_type[id(mjOBJ_JOINT)]);
      break;
    case kBodyOrientation:
      all_ = 4;
      id_ = id(mjOBJ_BODY);
      break;
    case kBodyPosition:
    case kBodyVelocity:
    case kBodyAngularVelocity:
    case kBodyUp:
      id_ = id(mjOBJ_BODY);
      break;
    case kSiteDifference:
      to_ = Id(model, mjOBJ_SITE, options, options.to);
      [[fallthrough]];
    case kSitePosition:
      id_ = id(mjOBJ_SITE);
      break;
    case kGeomPosition:
      id_ = id(mjOBJ_GEOM);
      break;
  }
  if (all_ == 0) Fail(options, "a quantity that the model has", "one without numbers");
}

void Quantity::Read(const Simulation& s, double* out) const {
  const mjData& d = *s.data;
  double computed[6];
  // Where mjData has the numbers they are read in place, otherwise computed here.
  const double* values = computed;
  switch (kind_) {
    using enum QuantityKind;
    case kOne:
      computed[0] = 1;
      break;
    case kPositions:
    case kJointPosition:
      values = d.qpos + id_;
      break;
    case kVelocities:
    case kJointVelocity:
      values = d.qvel + id_;
      break;
    case kControls:
      values = d.ctrl;
      break;
    case kActivations:
      values = d.act;
      break;
    case kSensors:
    case kSensor:
      values = d.sensordata + id_;
      break;
    case kBodyPosition:
      values = d.xpos + 3 * id_;
      break;
    case kBodyVelocity:
      mj_objectVelocity(s.model, s.data, mjOBJ_XBODY, id_, computed, 0);
      values = computed + 3;  // the first three are angular
      break;
    case kBodyAngularVelocity:
      mj_objectVelocity(s.model, s.data, mjOBJ_XBODY, id_, computed, 0);
      break;
    case kBodyOrientation:
      values = d.xquat + 4 * id_;
      break;
    case kBodyUp:
      for (int k = 0; k < 3; ++k) computed[k] = d.xmat[9 * id_ + 3 * k + 2];
      break;
    case kSitePosition:
      values = d.site_xpos + 3 * id_;
      break;
    case kGeomPosition:
      values = d.geom_xpos + 3 * id_;
      break;
    case kSiteDifference:
      mju_sub3(computed, d.site_xpos + 3 * to_, d.site_xpos + 3 * id_);
      break;
  }
  std::transform(values + first_, values + first_ + count_, out,
                 [this](double x) { return std::clamp(x, -clip_, clip_); });
}

}  // namespace longplay
