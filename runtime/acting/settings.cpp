// SPDX-License-Identifier: MIT
#include "runtime/acting/settings.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/files/failure.h"

namespace longplay::runtime {
namespace {

constexpr int64_t kRowsAtOnce = 64;  // tokens that share each load of the weights
constexpr int64_t kMostChains = 1 << 20;
constexpr int64_t kMostSteps = int64_t{1} << 32;

void Expect(bool holds, const char* option, const std::string& expected) {
  if (holds) return;
  Fail(LONGPLAY_WRONG_ARGUMENT,
       std::string("opening a policy: options: ") + option + ": expected " + expected);
}

void CheckOptions(const longplay_policy_options& options) {
  const auto between = [](int64_t value, int64_t least, int64_t most) {
    return value >= least && value <= most;
  };
  Expect(between(options.chains, 1, kMostChains), "chains", "1 to 1048576");
  Expect(between(options.key_value_type, 0, 2), "key_value_type", "LONGPLAY_FLOAT32 .. _INT8");
  Expect(between(options.weight_type, 0, 2), "weight_type", "LONGPLAY_FLOAT32 .. LONGPLAY_INT8");
  Expect(between(options.when_full, 0, 1), "when_full", "LONGPLAY_FULL_SLIDE or _ERROR");
  Expect(between(options.context_steps, 0, kMostSteps), "context_steps", "0 to 4294967296");
  Expect(between(options.window_episodes, 0, kMostSteps), "window_episodes", "0 to 4294967296");
  Expect(between(options.context, 0, 2), "context", "LONGPLAY_CONTEXT_AUTO .. _ONE_EPISODE");
  Expect(between(options.act, 0, 2), "act", "LONGPLAY_ACT_MEAN .. LONGPLAY_ACT_BEST_OF");
  Expect(between(options.vectors, 0, 4), "vectors", "LONGPLAY_VECTORS_AUTO .. _NEON");
  Expect(!std::isinf(options.target), "target", "a number, or NaN for the policy's own");
  Expect(std::isfinite(options.target_step), "target_step", "a finite number");
  Expect(options.deadline >= 0 && std::isfinite(options.deadline), "deadline", "0 or seconds");
  Expect(options.reserved == 0, "reserved", "0");
  Expect(between(options.draw_every, 1, 1000000), "draw_every", "1 to 1000000");
  Expect(between(options.best_of, 1, 100000), "best_of", "1 to 100000");
  Expect(options.temperature >= 0 && std::isfinite(options.temperature), "temperature",
         "0 or a number above it");
}

/// [steps] of the longest context that training showed, where nothing else is asked for.
int64_t UsualSteps(const PolicyFacts& facts, int64_t window_episodes) {
  const int64_t episode = std::max<int64_t>(facts.trained_episode_steps, 1);
  if (facts.chain_window > 0) return facts.chain_window;
  if (window_episodes > 0) return std::min(window_episodes, kMostSteps / episode) * episode;
  return std::clamp<int64_t>(facts.trained_context_steps, 1, kMostSteps);
}

}  // namespace

const char* WrongAct(const PolicyFacts& facts, int32_t act) {
  if (act != LONGPLAY_ACT_BEST_OF) return nullptr;
  if (facts.is_actor || facts.head == ActingHead::kSquaredError) {
    return "act: expected LONGPLAY_ACT_MEAN for a policy whose head draws nothing (model.head "
           "gaussian or categorical does), got LONGPLAY_ACT_BEST_OF";
  }
  if (!facts.has_values) {
    return "act: expected LONGPLAY_ACT_MEAN or _SAMPLE for a policy without value heads "
           "(train.method ic_iql has them), got LONGPLAY_ACT_BEST_OF";
  }
  return nullptr;
}

ActingSettings ChooseSettings(const PolicyFacts& facts, const longplay_policy_options& options) {
  CheckOptions(options);
  ActingSettings settings;
  settings.chains = options.chains;
  settings.weight_type = static_cast<NumberType>(options.weight_type);
  settings.target = std::isnan(options.target) ? facts.best_return : options.target;
  settings.target_step = options.target_step;
  settings.deadline = options.deadline;
  settings.draw_every = options.draw_every;
  settings.best_of = options.best_of;
  settings.value_noise = options.temperature * facts.value_scale;
  if (const char* wrong = WrongAct(facts, options.act); wrong != nullptr) {
    Fail(LONGPLAY_NOT_SUPPORTED, std::string("opening a policy: options: ") + wrong);
  }
  settings.kernels = ChooseKernels(options.vectors, &settings.vectors);
  if (settings.kernels == nullptr) {
    Fail(LONGPLAY_NOT_SUPPORTED,
         "opening a policy: options: vectors: expected instructions that this processor and build "
         "have, or LONGPLAY_VECTORS_AUTO");
  }
  if (facts.is_actor) return settings;

  settings.single_episodes = options.context == LONGPLAY_CONTEXT_AUTO
                                 ? facts.chain_episodes == 1
                                 : options.context == LONGPLAY_CONTEXT_ONE_EPISODE;
  settings.forgets_episodes = settings.single_episodes || facts.forgets_episodes;
  Expect(options.window_episodes == 0 || facts.chain_window == 0, "window_episodes",
         "0 for a policy that was trained on windows of steps");
  if (!settings.forgets_episodes) settings.window_episodes = options.window_episodes;
  settings.recomputes = facts.chain_window > 0;
  settings.context_steps = options.context_steps > 0 ? options.context_steps
                                                     : UsualSteps(facts, settings.window_episodes);
  settings.slides = options.when_full == LONGPLAY_FULL_SLIDE;

  const int64_t k = facts.tokens_per_step();
  settings.room = {.tokens = settings.context_steps * k,
                   .slides = settings.slides && !settings.recomputes,
                   .rows = std::max(kRowsAtOnce, k),
                   .cached = std::max(kRowsAtOnce, k),
                   .type = static_cast<NumberType>(options.key_value_type)};
  if (facts.memory_tokens > 0) {
    // The layers see one segment and its memory tokens at a time.
    settings.room.tokens = facts.memory_segment + 2 * facts.memory_tokens;
    settings.room.slides = false;
  }
  return settings;
}

}  // namespace longplay::runtime
