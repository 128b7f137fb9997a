// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

#include <memory>

namespace longplay {

struct ModelDeleter {
  void operator()(mjModel* model) const { mj_deleteModel(model); }
};
struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
struct DataDeleter {
  void operator()(mjData* data) const { mj_deleteData(data); }
};
struct BatchDeleter {
  void operator()(mjBatch* batch) const { mjb_deleteBatch(batch); }
};

using ModelPtr = std::unique_ptr<mjModel, ModelDeleter>;
using SpecPtr = std::unique_ptr<mjSpec, SpecDeleter>;
using DataPtr = std::unique_ptr<mjData, DataDeleter>;
using BatchPtr = std::unique_ptr<mjBatch, BatchDeleter>;

}  // namespace longplay
