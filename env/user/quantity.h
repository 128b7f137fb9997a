// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <string>

#include "env/physics/task.h"
#include "env/user/quantity_options.h"

namespace longplay {

/// A quantity found in a model: numbers of a simulation.
class Quantity {
 public:
  /// Throws std::invalid_argument naming the model's elements when there is none of that name.
  Quantity(const mjModel* model, const QuantityOptions& options);

  int64_t size() const { return count_; }

  /// Writes [size()] numbers; positions and velocities of `s` must be up to date.
  void Read(const Simulation& s, double* out) const;

 private:
  void Find(const mjModel* model, const QuantityOptions& options);
  int Id(const mjModel* model, mjtObj type, const QuantityOptions& options,
         const std::string& name) const;

  QuantityKind kind_;
  int id_ = 0, to_ = 0;  // element number, or address of the first number
  int64_t all_ = 0;      // numbers before `from` and `axis` choose
  int64_t first_ = 0, count_ = 0;
  double clip_;
};

}  // namespace longplay
