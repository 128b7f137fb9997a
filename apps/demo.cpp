// SPDX-License-Identifier: MIT
#include "agent/demo/demo.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "agent/files/shell_word.h"
#include "apps/commands.h"

namespace longplay {

void AddDemoCommand(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand(
      "demo", "Collect data, train with short and long contexts, compare them in one report");
  command->add_option("--out", options->out, "Folder for data, runs and report.html")
      ->capture_default_str();
  command->add_option("--data", options->data, "Compare context lengths on this data set instead");
  command->add_option("--seed", options->seed, "Seed of data, training and play")
      ->capture_default_str();
  command
      ->add_option("--scale", options->scale,
                   "Fraction of the data and of the training steps; less than 1 is quicker")
      ->check(CLI::Range(0.001, 100.0))
      ->capture_default_str();
  command->callback([options] {
    // For the report: the line that makes it again.
    std::vector<std::string> words = {"longplay", "demo", "--out", options->out};
    if (!options->data.empty()) words.insert(words.end(), {"--data", options->data});
    words.insert(words.end(), {"--seed", std::to_string(options->seed)});
    if (options->scale != 1) words.insert(words.end(), {"--scale", std::to_string(options->scale)});
    options->command = ShellCommand(words);
    const std::string report = RunDemo(*options);
    std::printf("%s\n", report.c_str());
  });
}

}  // namespace longplay
