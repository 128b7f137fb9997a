// SPDX-License-Identifier: MIT
#include "datasets/writers/import_table.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "datasets/checks/problem_log.h"
#include "datasets/checks/warning_summary.h"
#include "datasets/formats/path_options.h"
#include "datasets/tables/load_table.h"
#include "datasets/tables/table_reader.h"

namespace longplay {
namespace {

/// What is asked for by the path counts where no option says otherwise.
TableOptions WithPathOptions(const std::string& in, TableOptions options) {
  RefuseOtherOptions(in, "a table", {"states", "actions"});
  const PathOptions path = ParsePathOptions(in);
  if (!options.states) options.states = path.states;
  if (!options.action_kind) options.action_kind = path.actions;
  return options;
}

std::vector<std::string> NotesOf(const TableReader& reader, const ProblemLog& log) {
  std::vector<std::string> notes;
  if (!reader.Guesses().empty()) notes.push_back("chosen by name: " + reader.Guesses());
  std::string left_out;
  for (const LeftOut& column : reader.LeftOutColumns()) {
    if (!left_out.empty()) left_out += ", ";
    left_out += column.name;
    if (!column.why.empty()) left_out += " (" + column.why + ")";
  }
  if (!left_out.empty()) notes.push_back("left out: " + left_out);
  // Places in the one file that is read: its name will do.
  const std::string& path = reader.info().path;
  std::vector<Problem> problems = log.problems();
  for (Problem& problem : problems) {
    if (!problem.where.starts_with(path)) continue;
    problem.where.replace(0, path.size(), std::filesystem::path(path).filename().string());
  }
  for (std::string& warning : SummariseProblems(problems)) notes.push_back(std::move(warning));
  return notes;
}

}  // namespace

ConvertResult ImportTable(const std::string& in, const std::string& out,
                          const ImportTableOptions& options,
                          const std::function<void(int64_t steps, int64_t of)>& on_progress) {
  CheckOutput(out, options.existing);
  const TableOptions columns = WithPathOptions(in, options.columns);
  TableReader reader(LoadTable(SourceFile(in), columns), columns);
  // All that is wrong with its values is known before anything is written.
  ProblemLog log(ProblemLog::Mode::kThrowFirstError);
  SurveyAll(reader, log, [] {});
  std::vector<std::string> notes = NotesOf(reader, log);
  ConvertResult result =
      ConvertEpisodes(reader, out, options.format, on_progress, options.existing);
  notes.insert(notes.end(), result.notes.begin(), result.notes.end());
  result.notes = std::move(notes);
  return result;
}

}  // namespace longplay
