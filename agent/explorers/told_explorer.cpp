// SPDX-License-Identifier: MIT
#include "agent/explorers/told_explorer.h"

#include <cstdint>
#include <stdexcept>
#include <utility>

#include "env/environment_facets.h"

namespace longplay {
namespace {

class ToldExplorer : public Explorer {
 public:
  ToldExplorer(const HiddenParameter& hidden, ToldActor actor)
      : hidden_(hidden), actor_(std::move(actor)) {}

  void StartHistory(int64_t, uint64_t) override {}
  void StartEpisode(int64_t) override {}
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override {
    actor_(observation, hidden_.parameter(i), action);
  }
  void See(int64_t, std::span<const double>, double) override {}

 private:
  const HiddenParameter& hidden_;
  ToldActor actor_;
};

}  // namespace

const HiddenParameter& HiddenOf(const Environment& environment) {
  const HiddenParameter* hidden = environment.hidden_parameter();
  if (hidden == nullptr) {
    throw std::invalid_argument("playing an oracle: " + environment.spec().id +
                                ": expected a task with a hidden parameter, got one without");
  }
  return *hidden;
}

std::unique_ptr<Explorer> MakeToldExplorer(const Environment& environment, ToldActor actor) {
  return std::make_unique<ToldExplorer>(HiddenOf(environment), std::move(actor));
}

}  // namespace longplay
