// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace longplay::runtime {

/// Places for the intermediate tensors of a layer, by their lifetimes: two that never live at the
/// same operation may share memory. Planned once, for the most rows; calls with fewer rows use the
/// same places.
/// Source: arXiv 2010.05680, section 4.2 (largest first, into the tightest gap that is free while
/// it lives).
class ScratchPlan {
 public:
  /// A tensor of `floats` numbers that is written at operation `first` and last read at `last`.
  /// Returns its number.
  int Add(int64_t floats, int first, int last);
  /// All tensors are known.
  void Place();

  int64_t offset(int tensor) const { return tensors_[static_cast<size_t>(tensor)].offset; }
  int64_t total() const { return total_; }  // [floats] of the whole plan
  /// [floats] that are alive together at the worst operation: no plan can be smaller.
  int64_t live() const;
  /// [floats] without sharing.
  int64_t apart() const;

 private:
  struct Tensor {
    int64_t floats;
    int first, last;
    int64_t offset = 0;
  };
  int64_t Gap(const Tensor& tensor, const std::vector<const Tensor*>& placed) const;

  std::vector<Tensor> tensors_;
  int64_t total_ = 0;
};

}  // namespace longplay::runtime
