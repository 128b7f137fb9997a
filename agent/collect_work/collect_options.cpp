// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_options.h"

#include <stdexcept>

namespace longplay {

const std::vector<std::pair<std::string, CollectAlgorithm>>& AlgorithmNames() {
  static const std::vector<std::pair<std::string, CollectAlgorithm>> names = {
      {"auto", CollectAlgorithm::kAuto},
      {"sac", CollectAlgorithm::kSoftActorCritic},
      {"search", CollectAlgorithm::kSearch},
      {"filter", CollectAlgorithm::kFilter},
      {"random", CollectAlgorithm::kRandom},
      {"q_learning", CollectAlgorithm::kQLearning},
      {"oracle", CollectAlgorithm::kOracle},
      {"still", CollectAlgorithm::kStill},
      {"triangulation", CollectAlgorithm::kTriangulation},
      {"waypoints", CollectAlgorithm::kWaypoints}};
  return names;
}

std::string AlgorithmName(CollectAlgorithm algorithm) {
  for (const auto& [name, named] : AlgorithmNames()) {
    if (named == algorithm) return name;
  }
  throw std::logic_error("naming an algorithm: expected one of the list");
}

}  // namespace longplay
