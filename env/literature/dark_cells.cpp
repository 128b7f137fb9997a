// SPDX-License-Identifier: MIT
#include "env/literature/dark_cells.h"

#include <algorithm>
#include <array>

namespace longplay {
namespace {

using DarkMoves = std::array<std::array<double, 2>, kDarkMoves>;

// Source: jon--lee/decision-pretrained-transformer 15172df, envs/darkroom_env.py; the same in
// jaehyeon-son/dicp e36b3f7, gridworld/env.
constexpr DarkMoves kDptMoves = {{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {0, 0}}};
// Source: corl-team/toy-meta-gym 1405934, src/toymeta.
constexpr DarkMoves kToymetaMoves = {{{0, 0}, {-1, 0}, {0, 1}, {1, 0}, {0, -1}}};

}  // namespace

DarkCells::DarkCells(TaskArguments& arguments, const Defaults& defaults)
    : size_(arguments.Integer("size", defaults.size, {2, 1000})),
      limit_(arguments.Integer("limit", defaults.limit, {1, 1000000})),
      start_(defaults.starts[arguments.Choice("start", defaults.starts)]),
      toymeta_moves_(arguments.Choice("moves", {"dpt", "toymeta"}) == 1),
      indexed_(arguments.Choice("observation", {"cell", "index"}) == 1) {}

void DarkCells::Place(std::span<double> cell, RandomGenerator& random) const {
  if (start_ == "random") {
    SetCell(cell, random.Index(cells()));
  } else {
    const int64_t middle = size_ / 2;
    std::ranges::fill(cell, static_cast<double>(start_ == "centre" ? middle : 0));
  }
}

void DarkCells::Move(std::span<double> cell, double action) const {
  const auto& move = (toymeta_moves_ ? kToymetaMoves : kDptMoves)[static_cast<size_t>(action)];
  for (size_t k = 0; k < 2; ++k) {
    cell[k] = std::clamp(cell[k] + move[k], 0.0, static_cast<double>(size_ - 1));
  }
}

std::span<double> DarkCells::Show(std::span<const double> cell,
                                  std::span<double> observation) const {
  if (indexed_) {
    observation[0] = static_cast<double>(size_) * cell[0] + cell[1];
    return observation.subspan(1);
  }
  std::ranges::copy(cell, observation.begin());
  return observation.subspan(2);
}

void DarkCells::SetCell(std::span<double> cell, int64_t number) const {
  const int64_t x = number / size_, y = number % size_;
  cell[0] = static_cast<double>(x);
  cell[1] = static_cast<double>(y);
}

EnvironmentSpec DarkSpec(const std::string& id, int64_t observation_size, int64_t steps,
                         int64_t parameter_size) {
  return {.id = id,
          .observation_size = observation_size,
          .action_size = kDarkMoves,
          .max_episode_steps = steps,
          .action_low = {},
          .action_high = {},
          .parameter_size = parameter_size,
          .action_space = ActionSpace::kDiscrete};
}

}  // namespace longplay
