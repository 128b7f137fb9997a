// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/exchange/import_policy.h"
#include "agent/notes.h"
#include "apps/commands.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct ImportArguments {
  ImportOptions options;
  std::string run;
  bool json = false;
};

void Import(const ImportArguments& arguments) {
  const ImportResult result = ImportPolicy(arguments.options, arguments.run);
  PrintNotes(result.notes);
  if (arguments.json) {
    std::puts(nlohmann::json{{"parameters", result.parameters},
                             {"run", result.run},
                             {"architecture", result.architecture}}
                  .dump()
                  .c_str());
  } else {
    std::printf("%s: %s, %ld parameters\n", result.run.c_str(), result.architecture.c_str(),
                static_cast<long>(result.parameters));
  }
}

}  // namespace

void AddImportCommand(CLI::App& app) {
  auto arguments = std::make_shared<ImportArguments>();
  ImportOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand(
      "import",
      "Make a run folder from a Hugging Face model, or from what `longplay export` wrote");
  command->add_option("folder", options.folder, "Folder with config.json and model.safetensors")
      ->required();
  command->add_option("--out", arguments->run, "Run folder to write")->required();
  command->add_option("--env", options.environment, "Environment to play (longplay env list)");
  command->add_option(
      "--data", options.data,
      "Data set whose mean and standard deviation of observations the policy was trained with");
  command->add_option("--statistics", options.statistics,
                      "JSON file with mean and std of observations, and scale of returns");
  command
      ->add_option("--observation-size", options.observation_size,
                   "Observation size, if the model is no policy and --data is not given")
      ->check(Positive());
  command
      ->add_option("--action-size", options.action_size,
                   "Action size, if the model is no policy and --data is not given")
      ->check(Positive());
  command->add_option("--target", options.target, "Return-to-go at the start of an episode");
  command
      ->add_option("--window", options.window, "[steps] of context that the policy sees; 0 = all")
      ->check(NotNegative());
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Import(*arguments); });
}

}  // namespace longplay
