// SPDX-License-Identifier: MIT
#include "agent/explorers/cell_task.h"

#include <cmath>

#include "env/list/environment_id.h"
#include "env/task_arguments.h"

namespace longplay {

std::optional<CellTask> CellTaskOf(const std::string& id) {
  const EnvironmentId parsed = ParseEnvironmentId(id);
  // Read as the task does, which has checked them already.
  TaskArguments arguments(parsed.name, parsed.arguments);
  if (parsed.name == "family/grid-goal-v0") {
    return CellTask{0, 4, 3, 1, 2, arguments.Integer("size", 7), false};
  }
  const bool room = parsed.name == "literature/dark-room-v0";
  if (!room && parsed.name != "literature/dark-key-to-door-v0") return {};
  const int64_t cells = arguments.Integer("size", room ? 10 : 9);
  const bool indexed = arguments.Text("observation", "") == "index";
  return arguments.Text("moves", "") == "toymeta" ? CellTask{0, 3, 1, 2, 4, cells, indexed}
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
