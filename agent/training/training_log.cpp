// SPDX-License-Identifier: MIT
#include "agent/training/training_log.h"

#include <stdexcept>
#include <utility>

#include "agent/files/json_numbers.h"

namespace longplay {
namespace {

constexpr double kSilence = 1;  // [s] after which a caller hears from a training again

std::vector<std::string> Joined(std::vector<std::string> columns,
                                const std::vector<std::string>& more) {
  columns.insert(columns.end(), more.begin(), more.end());
  return columns;
}

}  // namespace

void SkippedSteps::Count(bool counts, int64_t step, const TrainOptions& options) {
  all += counts ? 0 : 1;
  in_a_row = counts ? 0 : in_a_row + 1;
  if (in_a_row < options.max_bad_steps) return;
  throw std::runtime_error("training: step " + std::to_string(step) +
                           ": expected finite losses, got " + std::to_string(in_a_row) +
                           " in a row that are not; the last checkpoint is kept");
}

TrainingLog::TrainingLog(const std::string& run, const RunOptions& options,
                         TrainingSession& session, std::vector<std::string> measured,
                         const OnProgress& on_progress)
    : train_(options.train),
      learner_(session.learner()),
      on_progress_(on_progress),
      measured_(std::move(measured)),
      first_(session.step()),
      state_(FromJson(session.log())) {
  if (!run.empty()) metrics_.emplace(run, first_, Joined(learner_.columns(), measured_));
}

void TrainingLog::Count(int64_t step, const std::vector<std::optional<UpdateResult>>& updates,
                        int64_t tokens) {
  // Figures of every update that counts; sizes of the step by its first one.
  for (const auto& update : updates) {
    if (update) state_.window.Add(*update);
  }
  if (updates.front()) {
    state_.window.AddStep(updates.front()->gradient_norm, tokens);
    tokens_ += tokens;
  }
  // Updates end at the first that does not count, so the last tells of the whole step.
  state_.skipped.Count(updates.back().has_value(), step, train_);
}

TrainingProgress TrainingLog::Row(int64_t step, double waited) {
  TrainingProgress row = state_.window.Row(learner_.columns());
  row.step = step;
  row.steps = train_.steps;
  row.first = first_;
  row.learning_rate = learner_.Updates(step).front().learning_rate;
  row.wait_share = (waited - waited_) / state_.window.seconds();
  row.skipped = state_.skipped.all;
  // Not numbers where nothing was measured since the last row.
  for (size_t i = 0; i < measured_.size(); ++i) {
    const bool known = i < state_.measured.size();
    row.more.emplace_back(measured_[i], known ? state_.measured[i] : std::nan(""));
  }
  return row;
}

void TrainingLog::Tell(int64_t step, double waited) {
  const bool logs = step % train_.log_every == 0 || step == train_.steps;
  if (!logs && SecondsSince(heard_) < kSilence) return;
  const TrainingProgress row = Row(step, waited);
  if (logs) {
    if (metrics_) metrics_->Write(row);
    // The next row begins here.
    waited_ = waited;
    state_.loss = row.loss;
    state_.window = {};
    state_.measured.clear();
  }
  if (on_progress_) on_progress_(row);
  heard_ = TrainingClock::now();
}

nlohmann::json TrainingLog::ToJson() const {
  return {{"window", state_.window.ToJson()},
          {"skipped", state_.skipped.all},
          {"skipped_in_a_row", state_.skipped.in_a_row},
          {"loss", state_.loss},
          {"measured", state_.measured}};
}

TrainingLog::State TrainingLog::FromJson(const nlohmann::json& json) {
  // Null: nothing has happened yet.
  if (json.is_null()) return {};
  return {.window = LogWindow::FromJson(json.at("window")),
          .skipped = {.all = json.at("skipped"), .in_a_row = json.at("skipped_in_a_row")},
          .loss = NumberOf(json.at("loss")),
          .measured = NumbersOf(json.value("measured", nlohmann::json::array()))};
}

}  // namespace longplay
