// SPDX-License-Identifier: MIT
#include "runtime/mixers/scratch_plan.h"

#include <algorithm>
#include <limits>

namespace longplay::runtime {
namespace {

constexpr int64_t kFloatsApart = 16;  // every tensor begins on a boundary of 64 bytes

}  // namespace

int ScratchPlan::Add(int64_t floats, int first, int last) {
  tensors_.push_back({(floats + kFloatsApart - 1) / kFloatsApart * kFloatsApart, first, last});
  return static_cast<int>(tensors_.size()) - 1;
}

/// Where `tensor` fits among those that live while it does: the tightest gap, else behind them.
/// `placed` in the order of their places.
int64_t ScratchPlan::Gap(const Tensor& tensor, const std::vector<const Tensor*>& placed) const {
  int64_t end = 0, best = -1, best_size = std::numeric_limits<int64_t>::max();
  for (const Tensor* other : placed) {
    if (other->last < tensor.first || tensor.last < other->first) continue;
    const int64_t gap = other->offset - end;
    if (gap >= tensor.floats && gap < best_size) {
      best = end;
      best_size = gap;
    }
    end = std::max(end, other->offset + other->floats);
  }
  return best >= 0 ? best : end;
}

void ScratchPlan::Place() {
  std::vector<Tensor*> by_size;
  for (Tensor& tensor : tensors_) by_size.push_back(&tensor);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const Tensor* a, const Tensor* b) { return a->floats > b->floats; });
  std::vector<const Tensor*> placed;
  total_ = 0;
  for (Tensor* tensor : by_size) {
    tensor->offset = Gap(*tensor, placed);
    total_ = std::max(total_, tensor->offset + tensor->floats);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), tensor,
                         [](const Tensor* a, const Tensor* b) { return a->offset < b->offset; }),
        tensor);
  }
}

int64_t ScratchPlan::live() const {
  int64_t most = 0;
  for (const Tensor& at : tensors_) {
    // The sum changes only where a tensor begins.
    int64_t sum = 0;
    for (const Tensor& tensor : tensors_) {
      if (tensor.first <= at.first && at.first <= tensor.last) sum += tensor.floats;
    }
    most = std::max(most, sum);
  }
  return most;
}

int64_t ScratchPlan::apart() const {
  int64_t sum = 0;
  for (const Tensor& tensor : tensors_) sum += tensor.floats;
  return sum;
}

}  // namespace longplay::runtime
