// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_plan.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "agent/acting/make_environment.h"
#include "agent/acting/make_policy.h"
#include "agent/acting/step_sizes.h"
#include "agent/batches/load_data.h"
#include "agent/batches/training_tokens.h"
#include "agent/comparison/comparison_run.h"
#include "agent/config/config.h"
#include "agent/config/config_difference.h"
#include "agent/learners/choose_device.h"
#include "agent/runs/checkpoint.h"
#include "agent/runs/run_folder.h"
#include "agent/runs/scored_episode.h"
#include "agent/training/fit_to_data.h"
#include "agent/version.h"
#include "model/policy/policy_network.h"

namespace longplay {
namespace {

constexpr double kSameTokens = 0.03;  // share of a budget within which two runs are one

/// "4 episodes, attention" -> "4-episodes-attention", unique among those in `taken`.
std::string FolderName(const std::string& name, std::set<std::string>& taken) {
  std::string folder;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_') {
      folder += c;
    } else if (!folder.empty() && folder.back() != '-') {
      folder += '-';
    }
  }
  // Neither hidden, nor above the comparison's own folder.
  while (!folder.empty() && (folder.back() == '-' || folder.back() == '.')) folder.pop_back();
  while (folder.starts_with('.')) folder.erase(0, 1);
  if (folder.empty()) folder = "row";
  std::string unique = folder;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = folder + "-" + std::to_string(i);
  return unique;
}

/// Runs `check`; what it throws gets the name of the cell.
template <typename Check>
void ForCell(const std::string& row, const std::string& task, const Check& check) {
  const std::string cell = "comparing: " + (row.empty() ? "" : "row \"" + row + "\"") +
                           (row.empty() || task.empty() ? "" : ", ") +
                           (task.empty() ? "" : "task \"" + task + "\"");
  try {
    check();
  } catch (const c10::Error& error) {
    // LibTorch's further lines say where in the code it was.
    const std::string text = error.what_without_backtrace();
    throw std::invalid_argument(cell + ": " + text.substr(0, text.find('\n')));
  } catch (const std::exception& error) {
    throw std::invalid_argument(cell + ": " + error.what());
  }
}

/// Before training, not after it: actions of other sizes cannot be predicted.
void CheckHeldOut(const EpisodeSet& set, const std::vector<std::string>& held_out) {
  const DatasetInfo data = LoadData({.files = held_out}).info();
  CheckSizes(SizesOf(data), SizesOf(set.info()), "held-out data " + data.path,
             "as in " + set.info().path);
}

/// Sizes of the environment and the data, and what there is to score with.
void CheckEnvironment(const RunOptions& fitted, const EpisodeSet& set,
                      const std::vector<std::string>& held_out) {
  const EvaluateOptions& evaluate = fitted.evaluate;
  if (evaluate.environment.empty()) {
    if (!held_out.empty()) return CheckHeldOut(set, held_out);
    throw std::invalid_argument(
        "expected an environment (evaluate.environment=ID) or, without a simulator, held-out data "
        "whose actions are predicted (--held-out F, or compare.held_out), got neither: " +
        set.info().path + " names none");
  }
  const std::unique_ptr<Environment> environment =
      MakeEnvironment(evaluate.environment, {.batch = 1,
                                             .action_repeat = evaluate.action_repeat,
                                             .max_episode_steps = evaluate.max_episode_steps});
  CheckSizes(SizesOf(environment->spec()), SizesOf(set.info()), evaluate.environment,
             "as in " + set.info().path);
}

ComparedTask DescribeTask(const TaskConfig& config, const RunOptions& fitted,
                          const EpisodeSet& set) {
  ComparedTask task{.name = config.name,
                    .environment = fitted.evaluate.environment,
                    .data = set.info().path,
                    .about = config.about,
                    .data_hash = std::to_string(set.hash()),
                    .episodes = set.episodes(),
                    .steps = set.steps(),
                    .best_return = set.episode_return(0),
                    .evaluation_seeds = fitted.evaluate.seeds,
                    .evaluation_episodes = fitted.evaluate.episodes};
  for (int64_t e = 0; e < set.episodes(); ++e) {
    task.best_return = std::max(task.best_return, set.episode_return(e));
    task.mean_return += set.episode_return(e) / static_cast<double>(set.episodes());
  }
  return task;
}

/// A row on a task: what its runs have in common.
struct Cell {
  size_t row = 0, task = 0;
  RunOptions options;
  ExpectedTokens tokens;
  std::string folder;
};

/// The same schedule of learning rates, spread over `steps`.
RunOptions WithSteps(RunOptions options, int64_t steps) {
  const double ratio = static_cast<double>(steps) / static_cast<double>(options.train.steps);
  options.train.warmup_steps =
      std::llround(static_cast<double>(options.train.warmup_steps) * ratio);
  options.train.steps = steps;
  return options;
}

/// The runs of a cell from one seed: one, or two where the budgets differ.
void AppendRuns(const Cell& cell, double token_budget, uint64_t seed, ComparisonPlan& plan) {
  const int64_t equal_steps = cell.options.train.steps;
  const double seen = cell.tokens.tokens_per_step * static_cast<double>(equal_steps);
  const int64_t token_steps =
      std::max<int64_t>(1, std::llround(token_budget / cell.tokens.tokens_per_step));
  // Nearly as many tokens at equal steps, or no number of steps that is nearer: one run answers both
  // budgets.
  const bool both =
      std::abs(seen - token_budget) <= kSameTokens * token_budget || token_steps == equal_steps;
  for (const Budget budget : plan.comparison.budgets) {
    if (both && budget != plan.comparison.budgets.front()) continue;
    const int64_t steps = both || budget == Budget::kSteps ? equal_steps : token_steps;
    RunOptions options = WithSteps(cell.options, steps);
    options.train.seed = seed;
    plan.comparison.runs.push_back(
        {.row = cell.row,
         .task = cell.task,
         .seed = seed,
         .budgets = both ? plan.comparison.budgets : std::vector<Budget>{budget},
         .steps = steps,
         .tokens = cell.tokens.tokens_per_step * static_cast<double>(steps),
         .context_episodes = options.chain.episodes,
         .scored_episode = ScoredEpisode(options),
         .episodes_apart = PlaysEpisodesApart(options),
         .context_steps = cell.tokens.chain_steps,
         .folder =
             cell.folder + "/steps-" + std::to_string(steps) + "/seed-" + std::to_string(seed),
         .hashes = HashesOf(options, plan.comparison.tasks[cell.task].data_hash,
                            plan.held_out[cell.task])});
    plan.options.push_back(std::move(options));
  }
}

/// The values of all keys in which the rows differ, in the order in which keys are printed.
void DescribeRows(const std::vector<Cell>& cells, Comparison& comparison) {
  // Cells of the first task stand first, in the order of rows: they speak for all tasks.
  const RunOptions& reference = cells[comparison.reference].options;
  std::vector<std::string> keys;
  std::vector<std::map<std::string, std::string>> values(comparison.rows.size());
  std::map<std::string, std::string> of_reference;
  // Pass 1: which keys differ from the reference in some row.
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    for (const ConfigDifference& difference : DifferencesBetween(reference, cells[row].options)) {
      values[row][difference.key] = difference.now;
      if (of_reference.emplace(difference.key, difference.before).second) {
        keys.push_back(difference.key);
      }
    }
  }
  // Pass 2: all these keys for every row, with the reference's value where it has no other.
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    for (const std::string& key : keys) {
      const auto own = values[row].find(key);
      comparison.rows[row].values.emplace_back(
          key, own == values[row].end() ? of_reference[key] : own->second);
    }
  }
}

/// Builds the policy, untrained, and lets it prepare to act.
void TryPolicy(const RunOptions& options) {
  if (EntryOf(options.train.method).acts_with != ActsWith::kSequenceModel) return;
  LoadedPolicy policy{
      .network = PolicyNetwork(options.model, ValueHidden(options.train.method, options.methods)),
      .record = {.options = options}};
  // A normaliser that changes nothing: only its sizes matter here.
  policy.record.normalizer = {
      .observation_mean = std::vector<double>(options.model.observation_size),
      .observation_std = std::vector<double>(options.model.observation_size, 1),
      .action_center = std::vector<double>(options.model.action_size),
      .action_scale = std::vector<double>(options.model.action_size, 1)};
  const EvaluateOptions& evaluate = options.evaluate;
  // Building the network was one check; what is played must also have its window.
  if (evaluate.environment.empty()) return;
  MakePolicy(policy, {.chains = 1,
                      .best_of = evaluate.act == ActionChoice::kBestOf ? evaluate.best_of : 0,
                      .context = evaluate.context,
                      .window = evaluate.window,
                      .window_episodes = evaluate.window_episodes,
                      .window_use = evaluate.window_use});
}

Cell MakeCell(const ComparisonConfig& config, size_t row, size_t task, const EpisodeSet& set) {
  Cell cell{.row = row, .task = task, .options = {}, .tokens = {}, .folder = ""};
  const RunOptions given = OptionsOf(config, config.rows[row], config.tasks[task]);
  // What can be wrong with a cell shows here, before anything is trained.
  ForCell(config.rows[row].name, config.tasks[task].name, [&] {
    cell.options = FitToData(given, set);
    ChooseDevice(cell.options.train.device);
    cell.tokens = ExpectTokens(cell.options, set);
    TryPolicy(cell.options);
  });
  return cell;
}

/// What the data of a task are read with, the same for all rows: the first one's options. But where a
/// row's chains are of one history, histories are kept out of training whole for all of them.
RunOptions OptionsOfData(const ComparisonConfig& config, const TaskConfig& task) {
  RunOptions options = OptionsOf(config, config.rows.front(), task);
  for (const RowConfig& row : config.rows) {
    if (OptionsOf(config, row, task).chain.source == ChainSource::kHistory) {
      options.chain.source = ChainSource::kHistory;
    }
  }
  return options;
}

Comparison Describe(const ComparisonConfig& config) {
  Comparison comparison{.title = RunName(config.path),
                        .versions = Versions(),
                        .budgets = config.budgets,
                        .reference = config.reference};
  for (const RowConfig& row : config.rows) {
    ComparedRow compared{.name = row.name, .line = row.line, .in_grid = row.in_grid};
    for (const Setting& setting : row.settings) {
      compared.settings.emplace_back(setting.key, setting.value);
    }
    comparison.rows.push_back(compared);
  }
  for (int64_t seed = 0; seed < config.seeds; ++seed) {
    comparison.seeds.push_back(config.base.train.seed + static_cast<uint64_t>(seed));
  }
  return comparison;
}

}  // namespace

ComparisonPlan PlanComparison(const ComparisonConfig& config) {
  ComparisonPlan plan{.comparison = Describe(config)};
  std::vector<Cell> cells;
  std::vector<double> token_budgets;  // of each task
  std::set<std::string> task_folders;
  for (size_t t = 0; t < config.tasks.size(); ++t) {
    const TaskConfig& task = config.tasks[t];
    // Data and environment do not depend on the row: read once.
    const RunOptions first = OptionsOf(config, config.rows.front(), task);
    const RunOptions of_data = OptionsOfData(config, task);
    ForCell("", task.name.empty() ? first.data.files.front() : task.name, [&] {
      TrainingData data = LoadTrainingData(of_data);
      plan.data.push_back(data.training);
      plan.validation.push_back(data.validation);
      const RunOptions fitted = FitToData(first, plan.data.back());
      CheckEnvironment(fitted, plan.data.back(), task.held_out);
      plan.comparison.tasks.push_back(DescribeTask(task, fitted, plan.data.back()));
      plan.held_out.push_back(task.held_out);
    });
    // Folders are task/row, or row where there is one task.
    const std::string above =
        config.tasks.size() > 1 ? FolderName(task.name, task_folders) + "/" : "";
    std::set<std::string> row_folders;
    for (size_t r = 0; r < config.rows.size(); ++r) {
      cells.push_back(MakeCell(config, r, t, plan.data.back()));
      cells.back().folder = above + FolderName(config.rows[r].name, row_folders);
    }
    // The budget of tokens: what the reference row sees in its steps.
    const Cell& reference = cells[t * config.rows.size() + config.reference];
    token_budgets.push_back(reference.tokens.tokens_per_step *
                            static_cast<double>(reference.options.train.steps));
  }
  DescribeRows(cells, plan.comparison);
  // All rows from one seed before the next: the report is whole early, with fewer seeds.
  for (const uint64_t seed : plan.comparison.seeds) {
    for (const Cell& cell : cells) AppendRuns(cell, token_budgets[cell.task], seed, plan);
  }
  return plan;
}

}  // namespace longplay
