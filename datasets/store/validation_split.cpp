// SPDX-License-Identifier: MIT
#include "datasets/store/validation_split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace longplay {

ValidationSplit SplitForValidation(const EpisodeSet& set, double share, ValidationUnit unit) {
  const bool by_history = unit == ValidationUnit::kHistory;
  // What is kept together: a history's episodes, or each episode alone.
  std::map<int64_t, std::vector<int64_t>> units;
  for (int64_t e = 0; e < set.episodes(); ++e) {
    units[by_history ? set.history(e) : e].push_back(e);
  }
  const auto count = static_cast<int64_t>(units.size());
  if (count < 2) {
    throw std::invalid_argument(
        "keeping data out of training: " + set.info().path + ": data.validation: expected two " +
        (by_history ? "histories" : "episodes") + " or more, got " + std::to_string(count));
  }
  std::vector<int64_t> order;
  order.reserve(units.size());
  for (const auto& [key, episodes] : units) order.push_back(key);
  std::mt19937_64 random(set.hash());  // of the data alone
  // Shuffled by hand: std::shuffle differs between standard libraries.
  for (int64_t i = count - 1; i > 0; --i) {
    std::swap(order[i], order[static_cast<int64_t>(random() % static_cast<uint64_t>(i + 1))]);
  }
  // At least one unit on each side.
  const int64_t kept =
      std::clamp<int64_t>(std::llround(share * static_cast<double>(count)), 1, count - 1);
  std::vector<int64_t> training, validation;
  for (int64_t i = 0; i < count; ++i) {
    const std::vector<int64_t>& episodes = units.at(order[i]);
    auto& part = i < kept ? validation : training;
    part.insert(part.end(), episodes.begin(), episodes.end());
  }
  // In the order of the files, which is that of time.
  std::ranges::sort(training);
  std::ranges::sort(validation);
  return {.training = set.Select(training), .validation = set.Select(validation)};
}

}  // namespace longplay
