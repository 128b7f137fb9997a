// SPDX-License-Identifier: MIT
#include "agent/demo/demo.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "agent/collecting/collect.h"
#include "agent/collecting/goal_oracle.h"
#include "agent/comparison/comparison_config.h"
#include "agent/comparison/comparison_plan.h"
#include "agent/comparison/comparison_runner.h"
#include "agent/evaluation/film.h"
#include "agent/progress_bar.h"
#include "agent/runs/checkpoint.h"
#include "agent/summary/comparison_report.h"
#include "demo_config.h"
#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

constexpr char kTitle[] = "longplay: what does a longer context buy?";
// Tasks of configs/demo.yaml.
constexpr size_t kGoalTask = 0, kCartpoleTask = 1;

int64_t Scaled(int64_t count, double scale) {
  return std::max<int64_t>(1, std::llround(static_cast<double>(count) * scale));
}

std::string* FindSetting(TaskConfig& task, const std::string& key) {
  const auto found = std::ranges::find(task.settings, key, &Setting::key);
  return found == task.settings.end() ? nullptr : &found->value;
}

void Set(TaskConfig& task, const std::string& key, const std::string& value) {
  if (std::string* given = FindSetting(task, key)) {
    *given = value;
  } else {
    task.settings.push_back({.key = key, .value = value, .place = "longplay demo"});
  }
}

/// The data of an earlier demo are used again only when they are what this one would collect.
std::string CollectFor(const DemoOptions& demo, const std::string& name, CollectOptions options) {
  char file[96];
  std::snprintf(file, sizeof file, "/%s_seed_%llu_scale_%g", name.c_str(),
                static_cast<unsigned long long>(demo.seed), demo.scale);
  options.out = demo.out + file;
  options.steps = Scaled(options.steps, demo.scale);
  options.seed = demo.seed;
  options.start = RunStart::kResume;
  if (std::filesystem::exists(options.out)) return options.out;
  ProgressBar bar("  collect " + options.environment, options.steps, "decisions");
  const CollectResult result = Collect(options, [&](const CollectProgress& progress) {
    bar.GoOnFrom(progress.kept);
    bar.Update(progress.steps);
  });
  bar.Finish("mean return " + std::to_string(result.mean_return));
  return options.out;
}

/// The tasks' data, collected; less of everything with a scale below 1.
void PrepareTasks(const DemoOptions& demo, ComparisonConfig& config) {
  TaskConfig& goal = config.tasks.at(kGoalTask);
  TaskConfig& cartpole = config.tasks.at(kCartpoleTask);
  Set(goal, "data.files",
      CollectFor(demo, "point_goal",
                 {.environment = "family/point-goal-v0",
                  .steps = 640000,
                  .algorithm = CollectAlgorithm::kSearch,
                  .episodes_per_history = 8}));
  Set(cartpole, "data.files",
      CollectFor(demo, "cartpole",
                 {.environment = "dm_control/cartpole-swingup-v0",
                  .steps = 22500,
                  .algorithm = CollectAlgorithm::kSoftActorCritic,
                  .learners = 3,
                  .action_repeat = 8}));
  for (TaskConfig& task : config.tasks) {
    std::string* steps = FindSetting(task, "train.steps");
    if (steps != nullptr) *steps = std::to_string(Scaled(std::stoll(*steps), demo.scale));
  }
}

/// One task: the user's file, in the environment that it names.
void UseOwnData(const DemoOptions& demo, ComparisonConfig& config) {
  TaskConfig task{.name = "your data"};
  Set(task, "data.files", "[\"" + demo.data + "\"]");
  Set(task, "train.steps", std::to_string(Scaled(500, demo.scale)));
  Set(task, "train.tokens_per_step", "2048");
  Set(task, "evaluate.seeds", "16");
  config.tasks = {task};
}

/// The report of what is done, with a video where there is one.
Report DemoReport(const Comparison& comparison, const std::string& status) {
  // Two tasks that were chosen to differ have no score in common.
  Report report = ComparisonReport(comparison, status, TaskScores::kApart);
  report.title = kTitle;
  if (status == "complete") report.csv = "report.csv";
  if (status != "complete") report.refresh_seconds = 5;
  return report;
}

/// The first section about the task.
ReportSection& SectionOf(Report& report, const ComparedTask& task) {
  const auto found = std::ranges::find_if(report.sections, [&](const ReportSection& section) {
    return section.title.starts_with(task.name + ": ");
  });
  return found == report.sections.end() ? report.sections.front() : *found;
}

void AddVideo(const Comparison& comparison, const std::string& out, Report& report) {
  const auto longest = std::ranges::max_element(comparison.runs, {}, [](const ComparedRun& run) {
    return run.task == kGoalTask ? run.context_episodes : 0;
  });
  ReportSection& section = SectionOf(report, comparison.tasks[kGoalTask]);
  const std::string video = out + "/point_goal.mp4";
  try {
    const LoadedPolicy policy = LoadPolicy(out + "/" + longest->folder, torch::kCPU);
    Film(policy, policy.record.options.evaluate, {}, video);
    section.videos.push_back(
        {video,
         "Eight episodes in one context on a held-out goal, which is drawn but not seen by the "
         "policy."});
  } catch (const std::runtime_error& error) {
    // A demo without EGL or ffmpeg still has its numbers.
    section.text += std::string("\n\nNo video: ") + error.what();
  }
}

}  // namespace

std::string RunDemo(const DemoOptions& options) {
  InstallMemoryMeter();
  std::filesystem::create_directories(options.out);
  std::string path = options.out + "/report.html";
  WriteReport({.title = kTitle,
               .summary = "",
               .command = options.command,
               .status = "collecting data",
               .sections = {},
               .refresh_seconds = 5},
              path);
  std::fprintf(stderr, "%s: open it in a browser, it refreshes itself\n", path.c_str());

  ComparisonConfig config = ParseComparison(kDemoConfig, "configs/demo.yaml", {});
  config.base.train.seed = options.seed;
  const bool own = !options.data.empty();
  if (own) {
    UseOwnData(options, config);
  } else {
    PrepareTasks(options, config);
  }

  ComparisonPlan plan = PlanComparison(config);
  Comparison& comparison = plan.comparison;
  comparison.command = options.command;
  if (!own) {
    const Estimate oracle = GoalOracle(plan.options.front().evaluate);
    comparison.tasks[kGoalTask].levels = {{"oracle (sees what is hidden)", oracle.value}};
  }
  RunComparison(plan, options.out, {.on_change = [&](const Comparison& so_far) {
                  WriteReport(DemoReport(so_far, "running"), path);
                }});

  Report report = DemoReport(comparison, "complete");
  if (!own) AddVideo(comparison, options.out, report);
  WriteReport(report, path);
  WriteReportCsv(report, options.out + "/report.csv");
  return path;
}

}  // namespace longplay
