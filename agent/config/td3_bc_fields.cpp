// SPDX-License-Identifier: MIT
#include "agent/config/config_field_kinds.h"
#include "agent/config/td3_bc_options.h"

namespace longplay {
namespace {

using namespace config;

}  // namespace

std::vector<ConfigField> Td3BcFields() {
  return Together(
      {As(KeyRole::kPolicy,
          {Real("td3_bc.alpha", LONGPLAY_AT(double, methods.td3_bc.alpha), 0, kHuge,
                "td3_bc: weight of the critic's value against behaviour cloning"),
           Real("td3_bc.discount", LONGPLAY_AT(double, methods.td3_bc.discount), 0, 1,
                "td3_bc: discount of a decision"),
           Real("td3_bc.soft_update", LONGPLAY_AT(double, methods.td3_bc.soft_update), 0, 1,
                "td3_bc: share of the target networks that a policy step replaces"),
           Real("td3_bc.policy_noise", LONGPLAY_AT(double, methods.td3_bc.policy_noise), 0, kHuge,
                "td3_bc: standard deviation of the noise on target actions, which lie in [-1, 1]"),
           Real("td3_bc.noise_clip", LONGPLAY_AT(double, methods.td3_bc.noise_clip), 0, kHuge,
                "td3_bc: the noise on target actions is clipped to this size"),
           Integer<int64_t>("td3_bc.policy_every",
                            LONGPLAY_AT(int64_t, methods.td3_bc.policy_every), 1, kMany,
                            "td3_bc: critic steps for each policy step"),
           Integer<int64_t>("td3_bc.hidden", LONGPLAY_AT(int64_t, methods.td3_bc.hidden), 1, 65536,
                            "td3_bc: units in each of the two hidden layers")}),
       As(KeyRole::kSchedule,
          {Integer<int64_t>("td3_bc.batch", LONGPLAY_AT(int64_t, methods.td3_bc.batch), 1, 1 << 24,
                            "td3_bc: transitions in a batch"),
           Real("td3_bc.learning_rate", LONGPLAY_AT(double, methods.td3_bc.learning_rate), 0, 10,
                "td3_bc: learning rate of Adam, constant")})});
}

}  // namespace longplay
