// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/exchange/export_policy.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct ExportArguments {
  std::string run, out;
  bool json = false;
};

void Export(const ExportArguments& arguments) {
  const LoadedPolicy policy = LoadPolicy(arguments.run, torch::kCPU);
  const int64_t parameters = ExportPolicy(policy, arguments.out);
  if (arguments.json) {
    const nlohmann::json json = {
        {"parameters", parameters}, {"folder", arguments.out}, {"checkpoint", policy.folder}};
    std::puts(json.dump().c_str());
  } else {
    std::printf("%s: %ld parameters of %s\n", arguments.out.c_str(), static_cast<long>(parameters),
                policy.folder.c_str());
  }
}

}  // namespace

void AddExportCommand(CLI::App& app) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand(
      "export", "Write a policy as safetensors and JSON; scripts/read_policy.py reads them");
  command->add_option("run", arguments->run, "Run folder or checkpoint")->required();
  command->add_option("--out", arguments->out, "Folder for config.json and model.safetensors")
      ->required();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Export(*arguments); });
}

}  // namespace longplay
