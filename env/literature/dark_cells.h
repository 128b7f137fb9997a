// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "env/plain/plain_task.h"

namespace longplay {

/// What dark-room and dark-key-to-door share: a walker on size x size cells that sees where it is and
/// nothing else. A step against the edge leaves it where it is.
///
/// Arguments of an id, whose defaults are the task's:
///   size         cells along a side
///   start        corner (0, 0), centre (size / 2 both ways), or random
///   limit        steps of an episode
///   moves        dpt: 0 x + 1, 1 x - 1, 2 y + 1, 3 y - 1, 4 stay
///                toymeta: 0 stay, 1 x - 1 (up), 2 y + 1 (right), 3 x + 1 (down), 4 y - 1 (left)
///   observation  cell: (x, y); index: size x + y
class DarkCells : public PlainTask {
 public:
  int64_t max_episode_steps(int64_t /*listed*/) const override { return limit_; }
  int64_t observation_size(int64_t listed) const override { return listed - (indexed_ ? 1 : 0); }

 protected:
  struct Defaults {
    int size = 0, limit = 0;
    std::vector<std::string> starts;  // all three, the task's own first
  };
  DarkCells(TaskArguments& arguments, const Defaults& defaults);

  int64_t size() const { return size_; }
  int64_t cells() const { return size_ * size_; }

  /// The cell at the start of an episode, (x, y).
  void Place(std::span<double> cell, RandomGenerator& random) const;
  void Move(std::span<double> cell, double action) const;
  /// Writes the cell; returns what is left of the observation.
  std::span<double> Show(std::span<const double> cell, std::span<double> observation) const;
  /// (x, y) of the cell with this number in row-major order: x is the row.
  void SetCell(std::span<double> cell, int64_t number) const;

 private:
  int64_t size_, limit_;
  std::string start_;
  bool toymeta_moves_, indexed_;
};

/// How many moves there are.
constexpr int64_t kDarkMoves = 5;

/// What a list of such tasks says of one.
EnvironmentSpec DarkSpec(const std::string& id, int64_t observation_size, int64_t steps,
                         int64_t parameter_size);

}  // namespace longplay
