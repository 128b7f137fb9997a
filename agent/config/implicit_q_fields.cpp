// SPDX-License-Identifier: MIT
#include "agent/config/config_field_kinds.h"
#include "agent/config/implicit_q_options.h"

namespace longplay {
namespace {

using namespace config;

/// What both methods have; `at` finds it in the options.
template <typename At>
std::vector<ConfigField> SharedImplicitQFields(const std::string& method, At at) {
  const auto real = [&](const char* name, double ImplicitQOptions::*member, double least,
                        double most, const char* comment) {
    return Real(
        method + "." + name,
        [at, member](RunOptions& options) -> double& { return at(options).*member; }, least, most,
        method + ": " + comment);
  };
  return As(KeyRole::kPolicy,
            {real("expectile", &ImplicitQOptions::expectile, 0.5, 1 - 1e-9,
                  "a state's value is this expectile of the values of the data's actions there; "
                  "0.5 = their mean, near 1 = the best of them"),
             real("beta", &ImplicitQOptions::beta, 0, kHuge,
                  "the policy follows an action with weight exp(beta * advantage)"),
             real("most_weight", &ImplicitQOptions::most_weight, 1e-6, kHuge,
                  "largest weight of an action"),
             real("discount", &ImplicitQOptions::discount, 0, 1, "discount of a decision"),
             real("soft_update", &ImplicitQOptions::soft_update, 0, 1,
                  "share of the target network that a step replaces"),
             real("reward_scale", &ImplicitQOptions::reward_scale, 1e-12, kHuge,
                  "values are those of rewards multiplied by this")});
}

}  // namespace

std::vector<ConfigField> IcIqlFields() {
  return Together(
      {SharedImplicitQFields("ic_iql",
                             [](RunOptions& options) -> ImplicitQOptions& {
                               return options.methods.ic_iql.learning;
                             }),
       As(KeyRole::kPolicy,
          {Integer<int64_t>("ic_iql.hidden", LONGPLAY_AT(int64_t, methods.ic_iql.hidden), 1, 65536,
                            "ic_iql: units in each of a value head's two hidden layers"),
           Real("ic_iql.value_weight", LONGPLAY_AT(double, methods.ic_iql.value_weight), 1e-12,
                kHuge, "ic_iql: weight of the values' losses beside the policy's")})});
}

std::vector<ConfigField> IqlFields() {
  return Together(
      {SharedImplicitQFields(
           "iql",
           [](RunOptions& options) -> ImplicitQOptions& { return options.methods.iql.learning; }),
       As(KeyRole::kPolicy,
          {Integer<int64_t>("iql.hidden", LONGPLAY_AT(int64_t, methods.iql.hidden), 1, 65536,
                            "iql: units in each of the two hidden layers")}),
       As(KeyRole::kSchedule,
          {Integer<int64_t>("iql.batch", LONGPLAY_AT(int64_t, methods.iql.batch), 1, 1 << 24,
                            "iql: transitions in a batch"),
           Real("iql.learning_rate", LONGPLAY_AT(double, methods.iql.learning_rate), 0, 10,
                "iql: learning rate of Adam"),
           Choice<bool>("iql.decay", LONGPLAY_AT(bool, methods.iql.decay),
                        {{"true", true}, {"false", false}},
                        "iql: let the policy's learning rate fall to 0 at the last step, along a "
                        "cosine")})});
}

}  // namespace longplay
