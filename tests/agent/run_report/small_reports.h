// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/run_report/reported_run.h"

namespace longplay {

/// A run of a policy trained on chains of `episodes` from this seed, that earned this in each of
/// two contexts of two episodes.
inline ReportedRun PlayedRun(const std::string& name, int64_t episodes, uint64_t seed,
                             std::vector<std::vector<double>> returns) {
  ReportedRun run{.folder = "runs/" + name, .name = name, .data_hash = "17", .steps = 30};
  run.options.data.files = {"pole.hdf5"};
  run.options.chain.episodes = episodes;
  run.options.train.seed = seed;
  run.options.evaluate.environment = "Hopper-v5";
  run.metrics.steps = {10, 20, 30};
  run.metrics.losses = {4, 2, 1 + static_cast<double>(seed)};
  run.play = MeasuredPlay{.environment = "Hopper-v5",
                          .returns = std::move(returns),
                          .scored_episode = 2,
                          .file = "runs/" + name + "/evaluations/a.json"};
  return run;
}

/// Four seeds of one episode in context and four of two, which earn 10 more, and a run that was
/// never played.
inline std::vector<ReportedRun> NineRuns() {
  std::vector<ReportedRun> runs;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const auto base = static_cast<double>(seed);
    runs.push_back(
        PlayedRun("one_" + std::to_string(seed), 1, seed, {{base, base + 1}, {base, base + 3}}));
    runs.push_back(
        PlayedRun("two_" + std::to_string(seed), 2, seed, {{base, base + 11}, {base, base + 13}}));
  }
  runs.push_back(PlayedRun("waiting", 4, 0, {}));
  runs.back().play.reset();
  return runs;
}

}  // namespace longplay
