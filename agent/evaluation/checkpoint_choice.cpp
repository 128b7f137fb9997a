// SPDX-License-Identifier: MIT
#include "agent/evaluation/checkpoint_choice.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <stdexcept>

#include "agent/evaluation/evaluation.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

// What lies between the seeds of a score and those that choose its checkpoint.
constexpr uint64_t kSelectionOffset = 1000000;

std::string List(const std::vector<int64_t>& steps) {
  std::string text;
  for (const int64_t step : steps) text += (text.empty() ? "" : ", ") + std::to_string(step);
  return text.empty() ? "none" : text;
}

void CheckThere(const std::string& run, int64_t step) {
  const std::vector<int64_t> steps = CheckpointSteps(run);
  if (std::ranges::find(steps, step) != steps.end()) return;
  throw std::invalid_argument("choosing a checkpoint: " + run + ": expected one of the steps " +
                              List(steps) + ", which the run has kept, got " +
                              std::to_string(step));
}

/// The seeds of the choice and of the score must not meet.
void CheckDisjoint(int64_t scored, int64_t selecting) {
  if (static_cast<uint64_t>(std::max(scored, selecting)) <= kSelectionOffset) return;
  throw std::invalid_argument("choosing a checkpoint: seeds: expected at most " +
                              std::to_string(kSelectionOffset) + ", got " +
                              std::to_string(std::max(scored, selecting)));
}

std::vector<int64_t> Candidates(const std::string& run, const CheckpointChoice& choice) {
  return choice.candidates.empty() ? CheckpointSteps(run) : choice.candidates;
}

ChosenCheckpoint ChooseBest(const std::string& run, const CheckpointChoice& choice,
                            EvaluateOptions evaluate, const torch::Device& device,
                            const std::function<void(int64_t)>& on_episodes) {
  const int64_t seeds = choice.selection_seeds > 0 ? choice.selection_seeds : evaluate.seeds;
  CheckDisjoint(evaluate.seeds, seeds);
  // On seeds of its own: a score on the seeds that chose would be too high.
  evaluate.seed = SelectionSeed(evaluate.seed);
  evaluate.seeds = seeds;
  ChosenCheckpoint chosen{
      .choice = "best", .selection_seed = evaluate.seed, .selection_seeds = seeds};
  double best = 0;
  for (const int64_t step : Candidates(run, choice)) {
    CheckThere(run, step);
    LoadedPolicy policy = LoadPolicy(CheckpointFolder(run, step), device);
    // Progress counts episodes over all candidates.
    const auto before = static_cast<int64_t>(chosen.scores.size()) * seeds * evaluate.episodes;
    const auto count = [&](int64_t episodes) {
      if (on_episodes) on_episodes(before + episodes);
    };
    const double last = Evaluate(policy, evaluate, count).last().value;
    chosen.scores.push_back({.step = step, .last = last});
    // Of equals the later one; one policy at a time stays loaded.
    if (chosen.scores.size() > 1 && last < best) continue;
    best = last;
    chosen.policy = std::move(policy);
  }
  return chosen;
}

}  // namespace

CheckpointChoice ParseCheckpointChoice(const std::string& text) {
  if (text == "last") return {};
  if (text == "best") return {.rule = CheckpointRule::kBest};
  CheckpointChoice choice{.rule = CheckpointRule::kStep};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, choice.step);
  if (parsed.ec == std::errc() && parsed.ptr == end && choice.step >= 0) return choice;
  throw std::invalid_argument(
      "choosing a checkpoint: --checkpoint: expected last, best or a step, got " + text);
}

uint64_t SelectionSeed(uint64_t seed) { return seed + kSelectionOffset; }

int64_t CandidateCount(const std::string& run, const CheckpointChoice& choice) {
  if (choice.rule != CheckpointRule::kBest) return 0;
  return static_cast<int64_t>(Candidates(run, choice).size());
}

ChosenCheckpoint ChooseCheckpoint(const std::string& run, const CheckpointChoice& choice,
                                  const EvaluateOptions& evaluate, const torch::Device& device,
                                  const std::function<void(int64_t)>& on_episodes) {
  // A checkpoint's own folder leaves nothing to choose.
  if (fs::exists(fs::path(run) / "policy.json")) {
    if (choice.rule != CheckpointRule::kLast) {
      throw std::invalid_argument("choosing a checkpoint: " + run +
                                  ": expected a run folder to choose from, got one checkpoint");
    }
    return {.policy = LoadPolicy(run, device), .choice = "given"};
  }
  if (choice.rule == CheckpointRule::kLast || CheckpointSteps(run).empty()) {
    return {.policy = LoadPolicy(run, device), .choice = "last"};
  }
  if (choice.rule == CheckpointRule::kBest) {
    return ChooseBest(run, choice, evaluate, device, on_episodes);
  }
  CheckThere(run, choice.step);
  return {.policy = LoadPolicy(CheckpointFolder(run, choice.step), device), .choice = "step"};
}

}  // namespace longplay
