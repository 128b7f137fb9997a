// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/notes.h"
#include "agent/runs/output_claim.h"
#include "apps/commands.h"
#include "datasets/writers/import_table.h"

namespace longplay {
namespace {

struct ImportTableArguments {
  ImportTableOptions options;
  std::string table, out, format = "minari", actions_kind;
  bool overwrite = false, json = false;
};

void ImportFromTable(ImportTableArguments arguments) {
  ImportTableOptions& options = arguments.options;
  options.format = arguments.format == "d4rl" ? TargetFormat::kD4rl : TargetFormat::kMinari;
  if (arguments.overwrite) options.existing = ExistingOutput::kReplace;
  if (!arguments.actions_kind.empty()) {
    options.columns.action_kind =
        arguments.actions_kind == "discrete" ? ActionKind::kDiscrete : ActionKind::kContinuous;
  }
  const OutputClaim claim(arguments.out, "writing data");
  const ConvertResult result = ImportTable(arguments.table, arguments.out, options,
                                           [&claim](int64_t, int64_t) { claim.Check(); });
  PrintNotes(result.notes);
  if (arguments.json) {
    const nlohmann::json counts = {{"episodes", result.episodes}, {"steps", result.steps}};
    std::puts(counts.dump().c_str());
  } else {
    std::printf("%s: %ld episodes, %ld steps\n", arguments.out.c_str(),
                static_cast<long>(result.episodes), static_cast<long>(result.steps));
  }
}

}  // namespace

void AddImportTableCommand(CLI::App& data) {
  auto arguments = std::make_shared<ImportTableArguments>();
  TableOptions& columns = arguments->options.columns;
  CLI::App* command = data.add_subcommand(
      "import",
      "Make a data set from a table with one row per step: .csv, .tsv, .csv.gz, .parquet, or "
      "numpy's .npz. Columns that no option names are found by their names (obs..., action..., "
      "reward, terminated or done, truncated, episode). The command prints which columns it uses "
      "and which it leaves out. 'none' means that there is no such column");
  command->add_option("table", arguments->table, "File with named columns")->required();
  command
      ->add_option("out", arguments->out,
                   "File .hdf5, or a folder in Minari's layout; must not exist yet")
      ->required();
  command->add_option("--format", arguments->format, "minari or d4rl")
      ->check(CLI::IsMember({"minari", "d4rl"}))
      ->capture_default_str();
  // Names of columns.
  const auto names = [&](const char* option, std::vector<std::string>& list, const char* text) {
    // One word each: OUT may stand behind it.
    command->add_option(option, list, text)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("NAME,NAME");
  };
  const auto name = [&](const char* option, std::string& one, const char* text) {
    command->add_option(option, one, text)->type_name("NAME");
  };
  names("--observations", columns.observations,
        "Seen before the row's action; q* = all that begin so");
  names("--actions", columns.actions, "Taken in the row");
  names("--next-observations", columns.next_observations, "Seen after it, as many as observations");
  name("--rewards", columns.rewards, "Earned by the row's action");
  name("--terminals", columns.terminals, "1 or true in rows where the task ended an episode");
  name("--timeouts", columns.timeouts, "1 or true in rows where a time limit ended an episode");
  name("--episodes", columns.episodes, "Number or name of the episode that the row belongs to");
  name("--group", columns.group,
       "Robot or environment; the rows of each one form their own episodes");
  name("--counter", columns.counter, "Step number in the episode; checked to ascend");
  command
      ->add_option("--actions-kind", arguments->actions_kind,
                   "continuous or discrete (default: one column of whole numbers is discrete)")
      ->check(CLI::IsMember({"continuous", "discrete"}));
  command->add_option("--env-id,--env", columns.environment,
                      "Environment id to store in the data set, for evaluation");
  command->add_flag("--overwrite", arguments->overwrite, "Replace the data set at OUT");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { ImportFromTable(*arguments); });
}

}  // namespace longplay
