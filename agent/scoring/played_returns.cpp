// SPDX-License-Identifier: MIT
#include "agent/scoring/played_returns.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/tables/load_table.h"
#include "datasets/tables/step_table.h"

namespace longplay {
namespace {

const TableColumn& Needed(const StepTable& table, const std::string& name) {
  if (const TableColumn* column = table.Find(name)) return *column;
  throw DataError(table.path,
                  "expected the columns task, seed, episode and return, got " + table.Names());
}

/// Whole numbers without decimals: seed 3 is "3" in every file.
std::string NameInCell(const TableColumn* column, int64_t row) {
  if (column == nullptr) return "";
  if (column->is_text()) return column->texts[row];
  const double value = column->numbers[row];
  return value == std::floor(value) ? std::to_string(static_cast<int64_t>(value))
                                    : std::to_string(value);
}

double NumberInCell(const StepTable& table, const TableColumn& column, int64_t row) {
  if (!column.is_text() && std::isfinite(column.numbers[row])) return column.numbers[row];
  throw DataError(table.Where(column, row), "expected a finite number, got " +
                                                (column.is_text() ? column.texts[row] : "none"));
}

/// A context while its rows come in: returns by episode, with the place of the first row.
struct OpenContext {
  PlayedContext played;
  std::map<int64_t, double> returns;
  std::string where;
};

/// Contexts of one system on one task, in the order of their first rows.
struct OpenTask {
  std::vector<OpenContext> contexts, control;
};

OpenContext& ContextOf(std::vector<OpenContext>& contexts, const std::string& run,
                       const std::string& seed, const std::string& where) {
  for (OpenContext& context : contexts) {
    if (context.played.run == run && context.played.seed == seed) return context;
  }
  contexts.push_back({.played = {.run = run, .seed = seed, .returns = {}}, .where = where});
  return contexts.back();
}

/// Keeps the order in which names are first seen.
template <typename T>
T& Entry(std::vector<std::pair<std::string, T>>& entries, const std::string& name) {
  for (auto& [known, value] : entries) {
    if (known == name) return value;
  }
  return entries.emplace_back(name, T{}).second;
}

using OpenTasks = std::vector<std::pair<std::string, OpenTask>>;
using OpenSystems = std::vector<std::pair<std::string, OpenTasks>>;

void ReadRows(const StepTable& table, OpenSystems& systems) {
  const TableColumn& task = Needed(table, "task");
  const TableColumn& seed = Needed(table, "seed");
  const TableColumn& episode = Needed(table, "episode");
  const TableColumn& value = Needed(table, "return");
  const TableColumn *system = table.Find("system"), *run = table.Find("run"),
                    *control = table.Find("control");
  const std::string file = std::filesystem::path(table.path).stem();
  for (int64_t row = 0; row < table.rows; ++row) {
    OpenTasks& tasks = Entry(systems, system ? NameInCell(system, row) : file);
    OpenTask& played = Entry(tasks, NameInCell(&task, row));
    const bool is_control = control && NumberInCell(table, *control, row) != 0;
    OpenContext& context =
        ContextOf(is_control ? played.control : played.contexts, NameInCell(run, row),
                  NameInCell(&seed, row), table.Where(episode, row));
    const double number = NumberInCell(table, episode, row);
    if (number != std::floor(number) || number < 0) {
      throw DataError(table.Where(episode, row),
                      "expected a whole number from 0, got " + std::to_string(number));
    }
    const auto index = static_cast<int64_t>(number);
    if (!context.returns.emplace(index, NumberInCell(table, value, row)).second) {
      throw DataError(table.Where(episode, row),
                      "expected each episode of a seed once, got " + std::to_string(index) +
                          " again (trainings are told apart by a column run, systems by a column "
                          "system, contexts of another task by a column control)");
    }
  }
}

/// The returns in order; `size` is what the first context of the task had, 0 = this is the first.
PlayedContext Closed(const OpenContext& open, size_t& size) {
  PlayedContext context = open.played;
  const int64_t first = open.returns.begin()->first;
  if (first > 1)
    throw DataError(open.where, "expected episodes from 0 or 1 on, got " + std::to_string(first));
  for (const auto& [index, value] : open.returns) {
    const int64_t expected = first + static_cast<int64_t>(context.returns.size());
    if (index != expected) {
      throw DataError(open.where, "expected episode " + std::to_string(expected) + " of seed " +
                                      context.seed + ", got none");
    }
    context.returns.push_back(value);
  }
  if (size == 0) size = context.returns.size();
  if (context.returns.size() != size) {
    throw DataError(open.where,
                    "expected " + std::to_string(size) + " episodes of every seed of a task, got " +
                        std::to_string(context.returns.size()) + " of seed " + context.seed);
  }
  return context;
}

PlayedTask Closed(const std::string& name, const OpenTask& open, const std::string& system) {
  PlayedTask task{.name = name, .contexts = {}, .control = {}};
  if (open.contexts.empty()) {
    throw DataError(open.control.front().where,
                    "expected rows of " + system + " without control, too, got none");
  }
  size_t size = 0;
  for (const OpenContext& context : open.contexts) task.contexts.push_back(Closed(context, size));
  for (const OpenContext& context : open.control) task.control.push_back(Closed(context, size));
  return task;
}

}  // namespace

std::vector<PlayedSystem> ReadPlayedReturns(const std::vector<std::string>& files) {
  OpenSystems open;
  for (const std::string& file : files) ReadRows(LoadTable(file, {}), open);
  std::vector<PlayedSystem> systems;
  for (const auto& [name, tasks] : open) {
    PlayedSystem& system = systems.emplace_back(PlayedSystem{.name = name, .tasks = {}});
    for (const auto& [task, played] : tasks) system.tasks.push_back(Closed(task, played, name));
  }
  return systems;
}

}  // namespace longplay
