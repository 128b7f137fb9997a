// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "agent/checkpoint.h"
#include "agent/evaluation.h"
#include "agent/progress_bar.h"
#include "agent/trainer.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct Arguments {
  std::string run, environment, target, act, out, device = "cpu";
  int64_t episodes = 0, seeds = 0;
  std::optional<uint64_t> seed;
  bool json = false;
};

EvaluateOptions Override(EvaluateOptions options, const Arguments& arguments) {
  if (!arguments.environment.empty()) options.environment = arguments.environment;
  if (arguments.episodes > 0) options.episodes = arguments.episodes;
  if (arguments.seeds > 0) options.seeds = arguments.seeds;
  if (arguments.seed) options.seed = *arguments.seed;
  if (arguments.act == "sample") options.act = ActionChoice::kSample;
  if (arguments.act == "mean") options.act = ActionChoice::kMean;
  if (arguments.target == "max") options.target.reset();
  if (!arguments.target.empty() && arguments.target != "max") {
    try {
      size_t used = 0;
      options.target = std::stod(arguments.target, &used);
      if (used != arguments.target.size()) throw std::invalid_argument("");
    } catch (const std::exception&) {
      throw std::invalid_argument("evaluating: --target: expected a number or max, got " +
                                  arguments.target);
    }
  }
  return options;
}

void Print(const EvaluationResult& result) {
  const auto line = [](const char* name, const Estimate& estimate) {
    std::printf("  %-6s %10.3f   95 %% interval [%.3f, %.3f]\n", name, estimate.mean, estimate.low,
                estimate.high);
  };
  std::printf("%s: %zu seeds x %zu episodes in one context, target return %g, %.1f s\n",
              result.environment.c_str(), result.returns.size(), result.returns.front().size(),
              result.target, result.seconds);
  line("first", result.first());
  line("last", result.last());
  line("mean", result.mean());
  line("best", result.best());
  std::printf("Intervals: bootstrap over the evaluation seeds of this one checkpoint.\n");
  if (result.diverged > 0) {
    std::printf("%ld episodes ended early: the simulation diverged.\n",
                static_cast<long>(result.diverged));
  }
}

void Eval(const Arguments& arguments) {
  const LoadedPolicy policy = LoadPolicy(arguments.run, ChooseDevice(arguments.device));
  const EvaluateOptions options = Override(policy.record.options.evaluate, arguments);
  ProgressBar bar("evaluate " + options.environment, options.seeds * options.episodes, "episodes");
  const EvaluationResult result = Evaluate(policy, options, ContextUse::kAllEpisodes,
                                           [&](int64_t episodes) { bar.Update(episodes); });
  bar.Finish();
  nlohmann::json json = ToJson(result);
  json["run"] = arguments.run;
  json["checkpoint_step"] = policy.record.step;
  if (!arguments.out.empty() && !(std::ofstream(arguments.out) << json.dump(1) << '\n').flush()) {
    throw std::runtime_error("writing result: " + arguments.out + ": expected a writable file");
  }
  if (arguments.json) {
    std::puts(json.dump().c_str());
  } else {
    Print(result);
  }
}

}  // namespace

void AddEvalCommand(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("eval", "Play a trained policy in the simulator");
  command->add_option("run", arguments->run, "Run folder or checkpoint")->required();
  command->add_option("--env", arguments->environment, "Environment id (default: the run's)");
  command->add_option("--episodes", arguments->episodes, "Episodes in one context")
      ->check(CLI::PositiveNumber);
  command->add_option("--seeds", arguments->seeds, "Contexts, each with its own seed")
      ->check(CLI::PositiveNumber);
  command->add_option("--seed", arguments->seed, "First of the seeds");
  command->add_option("--target", arguments->target,
                      "Return asked for: a number, or max (in the data)");
  command->add_option("--act", arguments->act, "sample or mean")
      ->check(CLI::IsMember({"sample", "mean"}));
  command->add_option("--device", arguments->device, "cpu, cuda or auto")->capture_default_str();
  command->add_option("--out", arguments->out, "Also write the result to this JSON file");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Eval(*arguments); });
}

}  // namespace longplay
