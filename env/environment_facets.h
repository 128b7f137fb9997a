// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace longplay {

// What only some environments have; see the getters of Environment (env/environment.h).

/// What is hidden from the observation and drawn once per chain: for oracles and reports only.
class HiddenParameter {
 public:
  virtual ~HiddenParameter() = default;
  /// [spec().parameter_size] of simulation i.
  virtual std::span<const double> parameter(int64_t i) const = 0;
};

/// States of a physics simulator, for replay and recording.
class PhysicsStates {
 public:
  virtual ~PhysicsStates() = default;

  virtual int64_t position_size() const = 0;    // nq, numbers of all joints' positions
  virtual int64_t velocity_size() const = 0;    // nv
  virtual int64_t activation_size() const = 0;  // na
  virtual int64_t state_size() const = 0;       // S, of a full state (mjSTATE_INTEGRATION)

  /// Full state of simulation i, [S]; it begins with the time [s].
  virtual void GetState(int64_t i, std::span<double> state) const = 0;
  /// Sets it so that the next step continues exactly (set, forward, set again: the warm start
  /// survives) and restarts the episode's clock at `step`.
  virtual void SetState(int64_t i, std::span<const double> state, int64_t step) = 0;
  /// The same from joint positions [nq] and velocities [nv] alone; the rest is as after a reset.
  virtual void SetPositions(int64_t i, std::span<const double> positions,
                            std::span<const double> velocities, int64_t step) = 0;

  /// Fields of the model that the task draws anew for each episode (targets), in no state vector.
  virtual const std::vector<std::string>& model_fields() const = 0;
  virtual std::span<const double> model_field(int64_t i, const std::string& name) const = 0;
  /// Call it before SetState or SetPositions.
  virtual void SetModelField(int64_t i, const std::string& name,
                             std::span<const double> values) = 0;
};

/// Rewards of recorded states.
class StateRewards {
 public:
  virtual ~StateRewards() = default;
  /// As ExoRL's relabelling has them: each after a reset, with no controls and no actuation. All
  /// threads work.
  ///   states  [M, nq + nv + na] joint positions, velocities, activations
  ///   returns [M], or nothing when the task's reward needs more than a state: what happened
  ///           before, or a target drawn for the episode
  /// Throws std::invalid_argument when the states' size does not fit the model.
  virtual std::optional<std::vector<double>> Rewards(std::span<const double> states) const = 0;
};

/// Takes pictures of simulations.
class Camera {
 public:
  virtual ~Camera() = default;
  /// [height, width, 3] bytes of simulation i as it is now, top row first; a hidden goal is drawn
  /// as a marker. The caption is drawn into the upper left corner.
  virtual std::vector<uint8_t> Take(int64_t i, const std::string& caption) = 0;
};

class Rendering {
 public:
  virtual ~Rendering() = default;
  /// Works without a display; must not outlive the environment. Sizes in pixels. Throws
  /// std::runtime_error naming the package to install when something is missing.
  virtual std::unique_ptr<Camera> MakeCamera(int width, int height) const = 0;
};

/// The same simulations with nothing around them: no observations, rewards or ends.
class BareSimulations {
 public:
  virtual ~BareSimulations() = default;
  /// Takes over where simulation i of the environment is now.
  virtual void Copy(int64_t i) = 0;
  /// As many steps of the simulator as a decision has, of all simulations; actions [B, A].
  virtual void Step(std::span<const double> actions) = 0;
};

}  // namespace longplay
