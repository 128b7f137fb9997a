// SPDX-License-Identifier: MIT
#include "runtime/acting/saved_chain.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

namespace longplay {
namespace {

/// Decides for the only chain, `count` times.
std::vector<double> Play(longplay_policy* policy, int64_t first, int64_t count) {
  std::vector<double> actions;
  for (int64_t t = first; t < first + count; ++t) {
    const double at = static_cast<double>(t);
    const double observation[3] = {std::sin(at), std::cos(at), 0.1 * at}, reward[1] = {0.2 * at};
    const uint8_t start[1] = {t % 5 == 0};
    double action[2];
    const longplay_view view = {observation, reward, start, nullptr};
    EXPECT_EQ(longplay_policy_act(policy, &view, action, nullptr), LONGPLAY_OK)
        << longplay_policy_message(policy);
    actions.insert(actions.end(), action, action + 2);
  }
  return actions;
}

std::vector<char> Saved(longplay_policy* policy) {
  std::vector<char> bytes(longplay_policy_saved_size(policy, 0));
  size_t used = 0;
  EXPECT_EQ(longplay_policy_save(policy, 0, bytes.data(), bytes.size(), &used), LONGPLAY_OK);
  EXPECT_EQ(used, bytes.size());
  EXPECT_EQ(longplay_policy_save(policy, 0, bytes.data(), bytes.size() - 1, &used),
            LONGPLAY_WRONG_ARGUMENT);
  return bytes;
}

TEST(SavedChainTest, GoesOnBitForBitAfterARestart) {
  for (const int what : {0, 1, 2, 3, 4, 5, 6}) {
    RunOptions run = SmallOptions();
    longplay_policy_options options = ActingDefaults(1);
    if (what == 1) run.model.mixer = MixerKind::kRwkv;
    if (what == 2) run.model.mixer = MixerKind::kRecurrentMemory;
    if (what == 3) run.chain.window = 4;
    if (what == 4) options.window_episodes = 2;
    if (what == 5) options.key_value_type = LONGPLAY_INT8;
    if (what == 6) {
      // Rings that have gone round, and hidden tokens.
      run.model.mixer = MixerKind::kTaipan;
      run.model.taipan.keys = SelectedKeys::kSelected;
      options.context_steps = 8;
    }
    const SmallPolicy small = MakeSmallPolicy(run);
    const ActingHandle one = OpenActing(small.folder, options);
    Play(one.get(), 0, 90);
    const std::vector<char> saved = Saved(one.get());
    const std::vector<double> expected = Play(one.get(), 90, 12);
    const ActingHandle other = OpenActing(small.folder, options);
    Play(other.get(), 0, 3);  // what it remembered before is gone
    ASSERT_EQ(longplay_policy_load(other.get(), 0, saved.data(), saved.size()), LONGPLAY_OK)
        << longplay_policy_message(other.get());
    EXPECT_EQ(Play(other.get(), 90, 12), expected) << what;
  }
}

TEST(SavedChainTest, DamageIsRefusedAndChangesNothing) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  const ActingHandle policy = OpenActing(small.folder, ActingDefaults(1));
  const ActingHandle untouched = OpenActing(small.folder, ActingDefaults(1));
  Play(policy.get(), 0, 7);
  Play(untouched.get(), 0, 7);
  const std::vector<char> saved = Saved(policy.get());
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<char> damaged = saved;
    if (i % 4 == 0) damaged.resize(random() % saved.size());
    if (!damaged.empty())
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    EXPECT_EQ(longplay_policy_load(policy.get(), 0, damaged.data(), damaged.size()),
              LONGPLAY_DAMAGED);
  }
  EXPECT_EQ(Play(policy.get(), 7, 5), Play(untouched.get(), 7, 5));
  // Another policy's.
  longplay_policy_options options = ActingDefaults(1);
  options.context_steps = 10;
  const ActingHandle another = OpenActing(small.folder, options);
  EXPECT_EQ(longplay_policy_load(another.get(), 0, saved.data(), saved.size()), LONGPLAY_DAMAGED);
}

}  // namespace
}  // namespace longplay
