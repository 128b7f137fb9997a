// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace longplay {

/// Finds steps at which all of a row changes much more than it usually does: where episodes were
/// joined. Sees every episode once, in memory that does not grow with the number of steps.
class JumpCheck {
 public:
  /// Rows of one episode, one after another, [N, width] finite numbers; of all episodes one width.
  void Add(int64_t episode, std::span<const double> rows, int64_t width);

  struct Place {
    int64_t episode = 0, step = 0;  // the step that the jump leads to
    bool operator==(const Place&) const = default;
  };
  /// After the last episode; none where there are so many that they are the task's.
  std::vector<Place> Jumps() const;

  /// Of every number of a row: summed sizes of its changes, and how many there were.
  const std::vector<double>& sums() const { return sums_; }
  const std::vector<int64_t>& counts() const { return counts_; }

 private:
  /// A change that may turn out to be a jump.
  struct Change {
    Place place;
    std::vector<float> size;  // of each number
  };

  void AddChange(const Place& place, const double* a, const double* b);
  bool MayBeJump();
  double Jump(const std::vector<float>& size) const;

  std::vector<double> sums_;
  std::vector<int64_t> counts_;
  std::vector<float> size_;     // of the change at hand
  std::vector<float> factors_;  // 1 / mean change / how many numbers move, of a moment ago
  int64_t changes_ = 0;
  std::vector<Change> candidates_;
  bool too_many_ = false;  // for memory: then jumps are the task's
};

}  // namespace longplay
