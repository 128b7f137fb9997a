// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace longplay {

// One per file: adds a subcommand with its options and callback. A callback throws on failure;
// main prints "error: ..." and exits with 1.
void AddBenchCommand(CLI::App& app);
void AddCollectCommand(CLI::App& app);
void AddCompareCommand(CLI::App& app);
void AddDataCommand(CLI::App& app);
void AddDemoCommand(CLI::App& app);
void AddDocsCommand(CLI::App& app);  // hidden: for ./dev docs
void AddEnvCommand(CLI::App& app);
void AddEvalCommand(CLI::App& app);
void AddExcessCommand(CLI::App& app);
void AddExportCommand(CLI::App& app);
void AddImportCommand(CLI::App& app);
void AddPlanCommand(CLI::App& app);
void AddRenderCommand(CLI::App& app);
void AddReportCommand(CLI::App& app);
void AddScoreCommand(CLI::App& app);
void AddTrainCommand(CLI::App& app);

// Below `bench`.
void AddRolloutBench(CLI::App& bench);

// Below `data`.
void AddConvertCommand(CLI::App& data);
void AddDataInfoCommand(CLI::App& data);
void AddImportTableCommand(CLI::App& data);
void AddRelabelCommand(CLI::App& data);
void AddReplayCommand(CLI::App& data);

}  // namespace longplay
