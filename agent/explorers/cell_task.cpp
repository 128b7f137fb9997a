// SPDX-License-Identifier: MIT
#include "agent/explorers/cell_task.h"

#include <cmath>

#include "env/list/environment_id.h"

namespace longplay {

std::optional<CellTask> CellTaskOf(const std::string& id) {
  EnvironmentId parsed = ParseEnvironmentId(id);
  const bool room = parsed.name == "literature/dark-room-v0";
  // The task has checked its arguments already.
  auto& arguments = parsed.arguments;
  const std::string& size = arguments["size"];
  if (parsed.name == "family/grid-goal-v0") {
    return CellTask{0, 4, 3, 1, 2, size.empty() ? 7 : std::stoll(size), false};
  }
  if (!room && parsed.name != "literature/dark-key-to-door-v0") return {};
  const bool toymeta = arguments["moves"] == "toymeta",
             indexed = arguments["observation"] == "index";
  const int64_t cells = size.empty() ? (room ? 10 : 9) : std::stoll(size);
  return toymeta ? CellTask{0, 3, 1, 2, 4, cells, indexed}
                 : CellTask{4, 0, 1, 2, 3, cells, indexed};
}

Cell CellOf(const CellTask& task, std::span<const double> observation) {
  if (!task.indexed) return {observation[0], observation[1]};
  const auto size = static_cast<double>(task.size);
  const double x = std::floor(observation[0] / size);
  return {x, observation[0] - size * x};
}

double StepTowards(const CellTask& task, const Cell& here, const Cell& goal, bool y_first) {
  const bool along_x = here[0] != goal[0], along_y = here[1] != goal[1];
  if (along_x && !(along_y && y_first)) return here[0] < goal[0] ? task.plus_x : task.minus_x;
  if (along_y) return here[1] < goal[1] ? task.plus_y : task.minus_y;
  return task.stay;
}

}  // namespace longplay
