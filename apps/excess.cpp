// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/files/atomic_write.h"
#include "agent/filtering/fog_score.h"
#include "agent/learners/choose_device.h"
#include "agent/progress_bar.h"
#include "agent/runs/checkpoint.h"
#include "apps/commands.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct ExcessArguments {
  FogScoreOptions options;
  std::string run, out, csv, device = "cpu";
  bool json = false;
};

void ScoreRun(const ExcessArguments& arguments) {
  const LoadedPolicy policy = LoadPolicy(arguments.run, ChooseDevice(arguments.device));
  std::unique_ptr<ProgressBar> bar;
  const FogScore score = ScoreInFog(policy, arguments.options, [&](int64_t done, int64_t of) {
    if (!bar) bar = std::make_unique<ProgressBar>("score", of, "steps");
    bar->Update(done);
  });
  if (bar) bar->Finish();
  nlohmann::json json = ToJson(score);
  json["run"] = arguments.run;
  json["checkpoint_step"] = policy.record.step;
  json["train_seed"] = policy.record.options.train.seed;
  json["seed"] = arguments.options.seed;
  // Printed first: it is not lost where a file cannot be written.
  std::puts(arguments.json ? json.dump().c_str() : FogScoreText(score).c_str());
  std::fflush(stdout);
  if (!arguments.out.empty())
    WriteAtomically(arguments.out, json.dump(1) + "\n", "writing a score");
  if (!arguments.csv.empty()) WriteAtomically(arguments.csv, FogScoreCsv(score), "writing a score");
}

}  // namespace

void AddExcessCommand(CLI::App& app) {
  auto arguments = std::make_shared<ExcessArguments>();
  FogScoreOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("excess",
                                         "Score a policy on family/fog-v0: its distance from the "
                                         "best possible one, by context length");
  command->add_option("run", arguments->run, "Run folder or checkpoint")->required();
  command->add_option("--env", options.environment,
                      "family/fog-v0 with other arguments (default: the run's)");
  command->add_option("--steps", options.steps, "Length of the longest episodes")
      ->check(Positive())
      ->capture_default_str();
  command
      ->add_option(
          "--episodes", options.episodes,
          "Episodes of that length; four times as many at a quarter of the length, and so on")
      ->check(Positive())
      ->capture_default_str();
  command
      ->add_option("--most-episodes", options.most_episodes,
                   "At most so many episodes of one length")
      ->check(Positive())
      ->capture_default_str();
  command
      ->add_option("--window", options.window,
                   "[steps] keep only the last N steps in context (default: as in training)")
      ->check(Positive());
  command->add_option("--seed", options.seed, "Seed of the first episode")->capture_default_str();
  command->add_option("--device", arguments->device, "cpu, cuda or auto")->capture_default_str();
  command->add_option("--out", arguments->out, "Also write the JSON to this file");
  command->add_option("--csv", arguments->csv, "Also write a table to this file");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { ScoreRun(*arguments); });
}

}  // namespace longplay
