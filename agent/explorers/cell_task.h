// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace longplay {

/// A task on cells: which action moves where, and how a cell is seen.
struct CellTask {
  double stay, plus_x, minus_x, plus_y, minus_y;
  int64_t size;  // [cells] along x, and along y
  bool indexed;  // the observation is size x + y
};

/// x and y, from 0.
using Cell = std::array<double, 2>;

/// None where `id` is no such task.
std::optional<CellTask> CellTaskOf(const std::string& id);

/// The cell that an observation shows.
Cell CellOf(const CellTask& task, std::span<const double> observation);

/// The action of a shortest way from `here` to `goal`: along x while that is left, or, with
/// `y_first`, along y. Stays at the goal.
double StepTowards(const CellTask& task, const Cell& here, const Cell& goal, bool y_first);

}  // namespace longplay
