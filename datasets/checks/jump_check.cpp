// SPDX-License-Identifier: MIT
#include "datasets/checks/jump_check.h"

#include <algorithm>
#include <cmath>

namespace longplay {
namespace {

// A step that changes the row so many times more than the file's mean step, averaged over
// its numbers. Falls and contacts move some numbers a lot; a new episode moves all of them.
constexpr double kJump = 8;
// Changes that may be jumps are kept until all means are known: those above a part of it by the means
// so far, and the first ones, when means mean little.
constexpr double kCandidate = kJump / 4;
constexpr int64_t kFirstChanges = 256;
constexpr size_t kMostCandidateValues = size_t{4} << 20;  // 16 MiB
// Where there are more, they are the task's: a share of the steps, in small files more of them.
constexpr double kMostJumps = 0.01, kMostJumpsOfFew = 0.5;

}  // namespace

void JumpCheck::Add(int64_t episode, std::span<const double> rows, int64_t width) {
  if (sums_.empty()) {
    sums_.assign(width, 0.0);
    counts_.assign(width, 0);
    size_.resize(width);
  }
  const int64_t count = static_cast<int64_t>(rows.size()) / std::max<int64_t>(width, 1);
  for (int64_t t = 0; t + 1 < count; ++t) {
    const double* row = rows.data() + t * width;
    AddChange({episode, t + 1}, row, row + width);
  }
}

void JumpCheck::AddChange(const Place& place, const double* a, const double* b) {
  for (size_t k = 0; k < sums_.size(); ++k) {
    const double size = std::abs(b[k] - a[k]);
    size_[k] = static_cast<float>(size);
    sums_[k] += size;
    counts_[k] += size > 0 ? 1 : 0;
  }
  ++changes_;
  if (too_many_ || (changes_ > kFirstChanges && !MayBeJump())) return;
  too_many_ = (candidates_.size() + 1) * size_.size() > kMostCandidateValues;
  if (too_many_) {
    candidates_.clear();
  } else {
    candidates_.push_back({place, size_});
  }
}

/// Whether the change at hand is a candidate. By means of a moment ago: they change slowly, and a
/// division for each number of each step would take longer than all else.
bool JumpCheck::MayBeJump() {
  constexpr int64_t kEvery = 64;
  if (factors_.empty() || changes_ % kEvery == 0) {
    factors_.assign(sums_.size(), 0.0F);
    int64_t moving = 0;
    for (size_t k = 0; k < sums_.size(); ++k) {
      if (counts_[k] == 0) continue;
      factors_[k] = static_cast<float>(static_cast<double>(counts_[k]) / sums_[k]);
      ++moving;
    }
    for (float& factor : factors_) factor /= static_cast<float>(std::max<int64_t>(moving, 1));
  }
  float jump = 0;
  for (size_t k = 0; k < size_.size(); ++k) jump += size_[k] * factors_[k];
  return jump >= kCandidate;
}

/// How many times the mean change this is, averaged over the numbers that change at all. The mean is
/// that of the steps that change a number: one that rarely changes does not jump when it does.
double JumpCheck::Jump(const std::vector<float>& size) const {
  double sum = 0;
  int64_t moving = 0;
  for (size_t k = 0; k < sums_.size(); ++k) {
    if (counts_[k] == 0) continue;
    sum += size[k] * static_cast<double>(counts_[k]) / sums_[k];
    ++moving;
  }
  return moving == 0 ? 0 : sum / static_cast<double>(moving);
}

std::vector<JumpCheck::Place> JumpCheck::Jumps() const {
  std::vector<Place> jumps;
  for (const Change& change : candidates_) {
    if (Jump(change.size) > kJump) jumps.push_back(change.place);
  }
  const auto steps = static_cast<double>(changes_);
  const double most = std::max(kMostJumps * steps, kMostJumpsOfFew * std::sqrt(steps));
  return static_cast<double>(jumps.size()) > most ? std::vector<Place>() : jumps;
}

}  // namespace longplay
