// SPDX-License-Identifier: MIT
#include "agent/demo/demo.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "agent/collecting/collect.h"
#include "agent/collecting/goal_oracle.h"
#include "agent/demo/context_study.h"
#include "agent/evaluation/film.h"
#include "agent/progress_bar.h"
#include "model/tensors/memory_meter.h"

namespace longplay {
namespace {

constexpr char kGoalTask[] = "family/point-goal-v0";
constexpr char kCartpoleTask[] = "dm_control/cartpole-swingup-v0";
constexpr uint64_t kEvaluationSeed = 1000000;  // far from every seed used in collecting
using Clock = std::chrono::steady_clock;

int64_t Scaled(double count, double scale) {
  return std::max<int64_t>(1, static_cast<int64_t>(std::llround(count * scale)));
}

/// The report on disk, rewritten as results come but at most every few seconds.
class LiveReport {
 public:
  LiveReport(const std::string& path, const std::string& command) : path_(path) {
    report_.title = "longplay: what does a longer context buy?";
    report_.command = command;
    report_.refresh_seconds = 5;
  }
  void AddSection(const std::string& title) { report_.sections.emplace_back().title = title; }
  ReportSection& section() { return report_.sections.back(); }
  void set_summary(const std::string& summary) { report_.summary = summary; }
  const std::string& summary() const { return report_.summary; }

  void Update(const std::string& status) {
    const auto now = Clock::now();
    if (status == report_.status && now - written_ < std::chrono::seconds(3)) return;
    report_.status = status;
    written_ = now;
    WriteReport(report_, path_);
  }
  void Finish() {
    report_.refresh_seconds.reset();
    report_.status = "complete";
    WriteReport(report_, path_);
    WriteReportCsv(report_, std::filesystem::path(path_).replace_extension(".csv"));
  }

 private:
  std::string path_;
  Report report_;
  Clock::time_point written_;
};

/// A small policy that learns on two cores in a minute or two.
RunOptions SmallPolicy(const std::string& data, const DemoOptions& demo) {
  RunOptions options;
  options.data.files = {data};
  options.model.layers = 3;
  options.model.attention.width = 64;
  options.model.feed_forward_width = 256;
  options.head = ActionHead::kGaussian;
  options.train.learning_rate = 1e-3;
  options.train.seed = demo.seed;
  options.train.log_every = 20;
  options.train.keep_checkpoints = 1;
  options.train.checkpoint_every = 1000000;  // the last one is always kept
  options.evaluate.act = ActionChoice::kSample;
  options.evaluate.episodes = 8;
  options.evaluate.seed = kEvaluationSeed;
  return options;
}

Variant WithContext(const RunOptions& base, int64_t episodes) {
  Variant variant{.name = std::to_string(episodes) +
                          (episodes == 1 ? " episode in context" : " episodes in context"),
                  .folder = "context_" + std::to_string(episodes),
                  .options = base};
  variant.options.chain.episodes = episodes;
  return variant;
}

Variant Cloning(const RunOptions& base, int64_t steps) {
  Variant variant{
      .name = "behaviour cloning", .folder = "cloning", .options = base, .baseline = true};
  variant.options.chain.episodes = 1;
  variant.options.model.tokens = {.use_return = false,
                                  .use_observation = true,
                                  .use_action = false,
                                  .use_reward = false,
                                  .use_completion = false};
  variant.options.train.steps = steps;
  return variant;
}

/// Data of an earlier demo are used again only when they are what this one would collect.
std::string DataPath(const DemoOptions& demo, const std::string& task) {
  char name[96];
  std::snprintf(name, sizeof name, "/%s_seed_%llu_scale_%g", task.c_str(),
                static_cast<unsigned long long>(demo.seed), demo.scale);
  return demo.out + name;
}

void CollectInto(const CollectOptions& options, LiveReport& report) {
  report.Update("collecting data for " + options.environment);
  if (std::filesystem::exists(options.out)) return;
  ProgressBar bar("  collect " + options.environment, options.steps, "decisions");
  const CollectResult result =
      Collect(options, [&](const CollectProgress& progress) { bar.Update(progress.steps); });
  bar.Finish("mean return " + std::to_string(result.mean_return));
}

/// Runs one study, its section in the report following along.
ContextStudy RunStudy(ContextStudy study, const TrajectorySet& set, const std::string& folder,
                      LiveReport& report) {
  const std::string text = report.section().text;
  const auto refresh = [&](const std::string& status) {
    report.section() = StudySection(study);
    report.section().text = text;
    report.Update(study.title + ": " + status);
  };
  refresh("starting");
  RunContextStudy(study, set, folder, refresh);
  refresh("done");
  return study;
}

const VariantResult* Find(const ContextStudy& study, int64_t episodes) {
  const auto found = std::ranges::find_if(study.variants, [&](const VariantResult& result) {
    return !result.variant.baseline && result.variant.options.chain.episodes == episodes;
  });
  return found == study.variants.end() || !found->evaluation ? nullptr : &*found;
}

std::string Text(const Estimate& estimate) {
  char text[96];
  std::snprintf(text, sizeof text, "%.1f [%.1f, %.1f]", estimate.value, estimate.low,
                estimate.high);
  return text;
}

/// The finding of one study in a sentence or two, whatever it is.
std::string Finding(const ContextStudy& study) {
  const VariantResult* one = Find(study, 1);
  const VariantResult* eight = Find(study, 8);
  if (one == nullptr || eight == nullptr) return "";
  const EvaluationResult& lone = *one->evaluation;
  const EvaluationResult& chain = *eight->evaluation;
  std::string text = study.title + ": with 8 episodes in context the return goes from " +
                     Text(chain.first()) + " in the first to " + Text(chain.last()) +
                     " in the last; one episode in context gives " + Text(lone.mean()) + ", ";
  text += chain.last().low > lone.mean().high   ? "so the longer context helps here"
          : chain.last().high < lone.mean().low ? "so the longer context hurts here"
                                                : "so no difference is shown here";
  if (study.data.environment.starts_with("family/")) {
    text +=
        " (the best of 8 independent tries of the one-episode policy: " + Text(lone.best()) + ")";
  }
  return text + ". ";
}

ContextStudy StudyGoals(const DemoOptions& demo, LiveReport& report) {
  const std::string data = DataPath(demo, "point_goal");
  report.AddSection("Point mass with a hidden goal");
  report.section().text =
      "A point mass has to find a goal that it cannot see; only the reward tells how near it is. "
      "The "
      "goal stays the same over the episodes of one context, so what was seen in earlier episodes "
      "should help. The data are histories of a searching learner on training goals; evaluation "
      "uses "
      "goals from a region that no training goal lies in.";
  CollectInto({.environment = kGoalTask,
               .steps = Scaled(4000 * 8 * 20, demo.scale),
               .out = data,
               .algorithm = CollectAlgorithm::kSearch,
               .episodes_per_history = 8,
               .seed = demo.seed},
              report);
  const TrajectorySet set = TrajectorySet::Load({data});
  RunOptions base = SmallPolicy(data, demo);
  base.chain.order = ChainOrder::kCollected;
  base.chain.source = ChainSource::kHistory;
  base.train.steps = Scaled(1500, demo.scale);
  base.train.tokens_per_step = 32 * 8 * 20;
  base.evaluate.seeds = 256;
  ContextStudy study = StartContextStudy("Hidden goal", data, set);
  study.oracle = GoalOracle(base.evaluate);
  for (const Variant& variant :
       {Cloning(base, Scaled(300, demo.scale)), WithContext(base, 1), WithContext(base, 8)}) {
    study.variants.push_back({.variant = variant});
  }
  return RunStudy(std::move(study), set, demo.out + "/goal", report);
}

ContextStudy StudyCartpole(const DemoOptions& demo, LiveReport& report) {
  const std::string data = DataPath(demo, "cartpole");
  report.AddSection("Control: cartpole swing-up");
  report.section().text =
      "Nothing is hidden here, so a longer context has little to offer. The data are three runs of "
      "soft actor-critic, from failing to good; actions are repeated 8 times, so an episode has "
      "125 "
      "decisions.";
  CollectInto({.environment = kCartpoleTask,
               .steps = Scaled(180 * 125, demo.scale),
               .out = data,
               .algorithm = CollectAlgorithm::kSoftActorCritic,
               .learners = 3,
               .action_repeat = 8,
               .seed = demo.seed},
              report);
  const TrajectorySet set = TrajectorySet::Load({data});
  RunOptions base = SmallPolicy(data, demo);
  base.train.steps = Scaled(600, demo.scale);
  base.train.tokens_per_step = 16 * 125;
  base.evaluate.act = ActionChoice::kMean;
  base.evaluate.action_repeat = 8;
  base.evaluate.seeds = 48;
  ContextStudy study = StartContextStudy("Cartpole swing-up", data, set);
  for (const Variant& variant :
       {Cloning(base, Scaled(300, demo.scale)), WithContext(base, 1), WithContext(base, 8)}) {
    study.variants.push_back({.variant = variant});
  }
  return RunStudy(std::move(study), set, demo.out + "/cartpole_runs", report);
}

ContextStudy StudyFile(const DemoOptions& demo, LiveReport& report) {
  report.AddSection("Context lengths on " + demo.data);
  report.Update("reading " + demo.data);
  const TrajectorySet set = TrajectorySet::Load({demo.data});
  RunOptions base = SmallPolicy(demo.data, demo);
  if (set.info().action_kind == ActionKind::kDiscrete) base.head = ActionHead::kCategorical;
  base.train.steps = Scaled(600, demo.scale);
  base.train.tokens_per_step = 2048;
  base.evaluate.act = ActionChoice::kMean;
  base.evaluate.seeds = 16;
  ContextStudy study = StartContextStudy("Your data", demo.data, set);
  for (const Variant& variant :
       {Cloning(base, Scaled(300, demo.scale)), WithContext(base, 1), WithContext(base, 8)}) {
    study.variants.push_back({.variant = variant});
  }
  return RunStudy(std::move(study), set, demo.out + "/file_runs", report);
}

void AddVideo(const ContextStudy& study, const std::string& folder, const std::string& out,
              LiveReport& report) {
  const VariantResult* best = Find(study, 8);
  if (best == nullptr) return;
  report.Update("rendering a video");
  try {
    const LoadedPolicy policy = LoadPolicy(folder + "/" + best->variant.folder, torch::kCPU);
    Film(policy, policy.record.options.evaluate, {}, out);
    report.section().video = out;
    report.section().video_caption =
        "Eight episodes in one context on a held-out goal, which is drawn but not seen by the "
        "policy.";
  } catch (const std::runtime_error& error) {
    // A demo without EGL or ffmpeg still has its numbers.
    report.section().video_caption = std::string("No video: ") + error.what();
  }
}

}  // namespace

std::string RunDemo(const DemoOptions& options) {
  InstallMemoryMeter();
  std::filesystem::create_directories(options.out);
  std::string path = options.out + "/report.html";
  LiveReport report(path, options.command);
  report.Update("starting");
  std::fprintf(stderr, "%s: open it in a browser, it refreshes itself\n", path.c_str());
  if (!options.data.empty()) {
    report.set_summary(Finding(StudyFile(options, report)));
  } else {
    const ContextStudy goals = StudyGoals(options, report);
    report.set_summary(Finding(goals));
    AddVideo(goals, options.out + "/goal", options.out + "/point_goal.mp4", report);
    const ContextStudy cartpole = StudyCartpole(options, report);
    report.set_summary(report.summary() + Finding(cartpole));
  }
  report.Finish();
  return path;
}

}  // namespace longplay
