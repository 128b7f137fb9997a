// SPDX-License-Identifier: MIT
// Damaged exports: what opens acts, reads steps in and saves without a fault. LONGPLAY_FUZZ_ZOO is
// the zoo's folder.
#include <unistd.h>

#include <string>
#include <vector>

#include "runtime/longplay.h"
#include "tests/fuzz/fuzz.h"
#include "tests/runtime/damaged_export.h"

namespace {

void Use(longplay_policy* policy) {
  longplay_policy_description about;
  about.size = sizeof about;
  longplay_policy_describe(policy, &about);
  const auto O = static_cast<size_t>(about.observation_size),
             C = static_cast<size_t>(about.action_columns);
  std::vector<double> observations(8 * O, 0.5), actions(8 * C), rewards(8, 1.0);
  std::vector<uint8_t> starts(8, 0);
  starts[0] = 1;
  for (int t = 0; t < 5; ++t) {
    const longplay_view view = {observations.data(), rewards.data(), starts.data(), nullptr};
    longplay_policy_act(policy, &view, actions.data(), nullptr);
    starts[0] = t == 2;
  }
  std::fill(actions.begin(), actions.end(), 0.0);
  const longplay_recording recording = {
      0, 8, observations.data(), actions.data(), rewards.data(), starts.data(), 0};
  longplay_policy_submit(policy, &recording, nullptr);
  longplay_policy_poll(policy, -1, nullptr, nullptr);
  std::vector<char> saved(longplay_policy_saved_size(policy, 0));
  longplay_policy_save(policy, 0, saved.data(), saved.size(), nullptr);
  if (longplay_policy_load(policy, 0, saved.data(), saved.size()) != LONGPLAY_OK) __builtin_trap();
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<longplay::DamagedExport> exports = {
      longplay::DamagedExport(LONGPLAY_FUZZ_ZOO "/point_goal_1_episode"),
      longplay::DamagedExport(LONGPLAY_FUZZ_ZOO "/cartpole_decision_transformer"),
      longplay::DamagedExport(LONGPLAY_FUZZ_ZOO "/point_goal_8_episodes_mamba2"),
      longplay::DamagedExport(LONGPLAY_FUZZ_ZOO "/point_goal_8_episodes_rwkv7")};
  static const std::string folder = "/tmp/longplay_fuzz_" + std::to_string(getpid());
  if (size == 0) return 0;
  exports[data[0] % exports.size()].Write(folder, data + 1, size - 1);
  longplay_policy_options options;
  longplay_policy_defaults(&options, sizeof options);
  options.context_steps = data[0] % 2 == 0 ? 0 : 12;
  options.key_value_type = data[0] / 4 % 3;
  longplay_policy* policy = nullptr;
  if (longplay_policy_open(folder.c_str(), &options, &policy, nullptr, 0) == LONGPLAY_OK) {
    Use(policy);
  }
  longplay_policy_close(policy);
  return 0;
}
