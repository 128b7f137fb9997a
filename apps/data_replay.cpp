// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/progress_bar.h"
#include "agent/recordings/replay_file.h"
#include "agent/version.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct ReplayArguments {
  std::string file, environment;
  int threads = 0;
  bool json = false;
};

void ReplayData(const ReplayArguments& arguments) {
  // Made with the first step, when the number of all is known.
  std::optional<ProgressBar> bar;
  const ReplayedFile replayed = ReplayFile(arguments.file, arguments.environment, arguments.threads,
                                           [&](int64_t done, int64_t of) {
                                             if (!bar)
                                               bar.emplace("replay " + arguments.file, of, "steps");
                                             bar->Update(done);
                                           });
  if (bar) bar->Finish();
  const ReplayResult& result = replayed.result;
  if (arguments.json) {
    const nlohmann::json json = {{"env", replayed.environment},
                                 {"steps", result.steps},
                                 {"max_observation_error", result.max_observation_error},
                                 {"max_reward_error", result.max_reward_error},
                                 {"end_mismatches", result.end_mismatches},
                                 {"diverged", result.diverged}};
    std::puts(json.dump().c_str());
    return;
  }
  const std::string recorded =
      replayed.recorded_version.empty() ? "an unnamed version" : replayed.recorded_version;
  std::printf("%s: %ld steps, recorded with MuJoCo %s, replayed with %s\n",
              replayed.environment.c_str(), static_cast<long>(result.steps), recorded.c_str(),
              nlohmann::json(Versions())["mujoco"].get<std::string>().c_str());
  std::printf(
      "largest difference: observations %.3g, rewards %.3g; ends that differ: %ld; "
      "diverged: %ld\n",
      result.max_observation_error, result.max_reward_error,
      static_cast<long>(result.end_mismatches), static_cast<long>(result.diverged));
}

}  // namespace

void AddReplayCommand(CLI::App& data) {
  CLI::App* command = data.add_subcommand(
      "replay", "Replay recorded actions from recorded states in the simulator, and compare");
  auto arguments = std::make_shared<ReplayArguments>();
  command->add_option("file", arguments->file, "HDF5 file in D4RL's layout with recorded states")
      ->required();
  command->add_option("--env", arguments->environment, "Environment id (default: the file's)");
  command->add_option("--threads", arguments->threads, "Threads; 0 = one per core")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { ReplayData(*arguments); });
}

}  // namespace longplay
