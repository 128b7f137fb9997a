// SPDX-License-Identifier: MIT
#include "agent/config/config_field_kinds.h"
#include "agent/config/td3_bc_options.h"

namespace longplay {
namespace {

using namespace config;

}  // namespace

std::vector<ConfigField> Td3BcFields() {
  return {
      Real("td3_bc.alpha", LONGPLAY_AT(double, methods.td3_bc.alpha), 0, kHuge,
           "weight of the critic against cloning"),
      Real("td3_bc.discount", LONGPLAY_AT(double, methods.td3_bc.discount), 0, 1, "per decision"),
      Real("td3_bc.soft_update", LONGPLAY_AT(double, methods.td3_bc.soft_update), 0, 1,
           "share of the target networks replaced by a policy step"),
      Real("td3_bc.policy_noise", LONGPLAY_AT(double, methods.td3_bc.policy_noise), 0, kHuge,
           "deviation of what is added to target actions, which lie in [-1, 1]"),
      Real("td3_bc.noise_clip", LONGPLAY_AT(double, methods.td3_bc.noise_clip), 0, kHuge,
           "largest of it"),
      Integer<int64_t>("td3_bc.policy_every", LONGPLAY_AT(int64_t, methods.td3_bc.policy_every), 1,
                       kMany, "critic steps for one policy step"),
      Integer<int64_t>("td3_bc.batch", LONGPLAY_AT(int64_t, methods.td3_bc.batch), 1, 1 << 24,
                       "[transitions]"),
      Integer<int64_t>("td3_bc.hidden", LONGPLAY_AT(int64_t, methods.td3_bc.hidden), 1, 65536,
                       "units in each of two layers"),
      Real("td3_bc.learning_rate", LONGPLAY_AT(double, methods.td3_bc.learning_rate), 0, 10,
           "of Adam, constant")};
}

}  // namespace longplay
