// SPDX-License-Identifier: MIT
#include "datasets/readers/trace_file.h"

#include <algorithm>
#include <cmath>

#include "datasets/data_error.h"
#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/path_options.h"

namespace longplay {
namespace {

/// A numeric array with as many rows as the trace has steps, all finite.
std::vector<double> Column(const Hdf5File& file, const std::string& name, int64_t steps) {
  const Hdf5Array array = file.Open(name);
  if (!array.info().is_float && !array.info().is_integer) array.Fail("numbers", "another type");
  if (!array.info().is_allocated) array.Fail("values", "an array that was never written");
  if (steps >= 0 && array.rows() != steps) {
    array.Fail(std::to_string(steps) + " rows", std::to_string(array.rows()));
  }
  std::vector<double> values = array.Read();
  const auto bad = std::ranges::find_if(values, [](double x) { return !std::isfinite(x); });
  if (bad != values.end()) {
    array.Fail("finite numbers", "NaN or Inf in row " +
                                     std::to_string((bad - values.begin()) /
                                                    std::max<int64_t>(1, array.info().row_size())));
  }
  return values;
}

std::vector<uint8_t> Flags(const Hdf5File& file, const std::string& name, int64_t steps) {
  if (!file.Exists(name)) return std::vector<uint8_t>(steps, 0);
  std::vector<uint8_t> flags;
  for (const double x : Column(file, name, steps)) flags.push_back(x != 0 ? 1 : 0);
  return flags;
}

RecordedTrace Read(const std::string& path) {
  const Hdf5File file(path);
  for (const char* name : {"actions", "next_observations", "rewards", "terminals"}) {
    if (!file.Exists(name)) {
      file.Fail(name, "an array (D4RL's layout with recorded states)", "none");
    }
  }
  // What was done and seen, step by step.
  RecordedTrace trace;
  trace.environment = file.StringAttribute("/", "env_id").value_or("");
  trace.simulator_version = file.StringAttribute("/", "mujoco_version").value_or("");
  const int64_t steps = file.Open("rewards").rows();
  if (steps == 0) file.Fail("rewards", "at least one step", "none");
  trace.actions = Column(file, "actions", steps);
  trace.observations = Column(file, "next_observations", steps);
  trace.rewards = Column(file, "rewards", steps);
  trace.terminals = Flags(file, "terminals", steps);
  trace.timeouts = Flags(file, "timeouts", steps);
  // Physics: the whole state as one row, or qpos and qvel as Gymnasium's info has them.
  if (file.Exists("infos/state")) {
    trace.states = Column(file, "infos/state", steps);
  } else if (file.Exists("infos/qpos") && file.Exists("infos/qvel")) {
    trace.positions = Column(file, "infos/qpos", steps);
    trace.velocities = Column(file, "infos/qvel", steps);
  } else {
    file.Fail("infos", "recorded states (infos/state, or infos/qpos and infos/qvel)", "none");
  }
  // Values of the model that the recording environment changes.
  if (file.Exists("infos/model")) {
    for (const std::string& field : file.Children("infos/model")) {
      trace.model[field] = Column(file, "infos/model/" + field, steps);
    }
  }
  // How far the recording rounded its numbers.
  const auto is_float32 = [&](const char* name) {
    return file.Open(name).info().value_bytes == sizeof(float);
  };
  trace.float32_actions = is_float32("actions");
  trace.float32_observations = is_float32("next_observations");
  trace.float32_rewards = is_float32("rewards");
  return trace;
}

}  // namespace

RecordedTrace ReadTrace(const std::string& path) {
  const std::string file = SourceFile(path);
  // First in a child process, for crashes alone: HDF5 can die of a damaged file.
  constexpr GuardLimits kLimits{.memory_bytes = int64_t{8} << 30, .silent_seconds = 300};
  const GuardedResult guarded = RunGuarded(kLimits, [&](const std::function<void()>&) {
    try {
      Read(file);
    } catch (const DataError&) {  // found again below, with its own words
    }
    return std::string();
  });
  if (!guarded.finished) throw DataError(path, "expected a readable file, got " + guarded.text);
  return Read(file);
}

}  // namespace longplay
