// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "env/physics/mujoco_handles.h"

namespace longplay {

/// Fields of mjModel that differ between the simulations of a batch.
class ModelFields {
 public:
  /// Expands the named fields, which must hold numbers (mjtNum), in `batch`; each simulation starts
  /// with the model's own values. The batch must outlive this.
  ModelFields(mjBatch* batch, const std::vector<std::string>& names);

  const std::vector<std::string>& names() const { return names_; }
  bool empty() const { return names_.empty(); }

  /// Values of field number `k` in simulation i.
  std::span<double> row(size_t k, int64_t i) const {
    return {storage_[k] + i * sizes_[k], static_cast<size_t>(sizes_[k])};
  }
  /// All fields of simulation i, in the order of names().
  std::vector<std::span<double>> rows(int64_t i) const;

  /// Gives simulation i the model's own values back.
  void Restore(int64_t i) const;

  /// Number of the field; throws std::invalid_argument when there is none of that name.
  size_t Index(const std::string& name) const;

 private:
  std::vector<std::string> names_;
  std::vector<double*> storage_;  // [B, size] each, the batch's own
  std::vector<int64_t> sizes_;
  std::vector<std::vector<double>> originals_;
};

}  // namespace longplay
