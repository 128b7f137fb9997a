// SPDX-License-Identifier: MIT
#include "datasets/store/step_labels.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "datasets/episode_reader.h"
#include "datasets/store/one_hot.h"

namespace longplay {
namespace {

/// Whether `value` may stand for an action, or for one number of it.
bool IsAction(double value, const DatasetInfo& info) {
  if (info.action_kind == ActionKind::kContinuous) return std::isfinite(value);
  const double choice = value - static_cast<double>(info.action_start);
  return choice == std::floor(choice) && choice >= 0 &&
         choice < static_cast<double>(info.action_size);
}

/// Appends the labels of one episode as training reads actions.
void Append(const std::vector<double>& values, const DatasetInfo& info, std::vector<float>& all) {
  if (info.action_kind == ActionKind::kContinuous) {
    for (const double value : values) all.push_back(static_cast<float>(value));
    return;
  }
  std::vector<float> row(info.action_size);
  for (const double value : values) {
    WriteOneHot(value - static_cast<double>(info.action_start), row);
    all.insert(all.end(), row.begin(), row.end());
  }
}

}  // namespace

std::vector<float> ReadStepLabels(const std::string& path, const std::string& name,
                                  const std::vector<EpisodeRow>& rows) {
  const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
  const DatasetInfo& info = reader->info();
  const int64_t columns = info.action_kind == ActionKind::kDiscrete ? 1 : info.action_size;
  std::vector<float> labels;
  labels.reserve(info.steps * info.action_size);
  const auto expected_at = [&](int64_t e) {
    return "reading data: " + path + ": data.labels: " + name + " of episode " + std::to_string(e) +
           ": expected ";
  };
  for (int64_t e = 0; e < info.episodes; ++e) {
    const EpisodeExtras extras = reader->ReadExtras(e);
    const auto found = extras.infos.find(name);
    if (found == extras.infos.end()) {
      throw std::runtime_error(expected_at(e) +
                               "an array beside the steps, got none (longplay "
                               "collect --labels oracle writes it)");
    }
    // As many as actions, each of which is one.
    const std::vector<double>& values = found->second.values;
    const auto expected = static_cast<size_t>(rows[e].length * columns);
    if (values.size() != expected) {
      throw std::runtime_error(expected_at(e) + std::to_string(expected) + " numbers, got " +
                               std::to_string(values.size()));
    }
    const auto wrong =
        std::ranges::find_if_not(values, [&](double value) { return IsAction(value, info); });
    if (wrong != values.end()) {
      throw std::runtime_error(expected_at(e) + "actions, got " + std::to_string(*wrong));
    }
    Append(values, info, labels);
  }
  return labels;
}

}  // namespace longplay
