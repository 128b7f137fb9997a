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
#include "apps/evaluate_options.h"

namespace longplay {
namespace {

struct Arguments {
  EvaluateArguments evaluate;
  std::string run, out, device = "cpu";
  int64_t seeds = 0;
  bool json = false;
};

void Print(const EvaluationResult& result) {
  const auto line = [](const char* name, const Estimate& estimate) {
    std::printf("  %-6s %10.3f   95 %% interval [%.3f, %.3f]\n", name, estimate.value, estimate.low,
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
  EvaluateOptions options = Override(policy.record.options.evaluate, arguments.evaluate);
  if (arguments.seeds > 0) options.seeds = arguments.seeds;
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
  AddEvaluateOptions(*command, arguments->evaluate);
  command->add_option("--seeds", arguments->seeds, "Contexts, each with its own seed")
      ->check(CLI::PositiveNumber);
  command->add_option("--device", arguments->device, "cpu, cuda or auto")->capture_default_str();
  command->add_option("--out", arguments->out, "Also write the result to this JSON file");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Eval(*arguments); });
}

}  // namespace longplay
