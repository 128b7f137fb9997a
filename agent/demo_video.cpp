// SPDX-License-Identifier: MIT
#include "agent/demo_video.h"

#include <cstdio>

#include "agent/checkpoint.h"
#include "agent/policy.h"
#include "agent/progress_bar.h"
#include "agent/rollout.h"
#include "env/mujoco_handles.h"
#include "env/renderer.h"
#include "env/video_writer.h"

namespace longplay {
namespace {

constexpr int kWidth = 320, kHeight = 240;
constexpr int kFramesPerSecond = 15;

}  // namespace

std::string RenderChain(const std::string& run, const std::string& out) {
  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  const EvaluateOptions& options = policy.record.options.evaluate;
  BatchedEnvironment environment(options.environment,
                                 {.batch = 1,
                                  .action_repeat = options.action_repeat,
                                  .max_episode_steps = options.max_episode_steps,
                                  .parameters = ParameterSet::kHeldOut});
  ContextPolicy acting =
      MakeContextPolicy(policy, {.target = options.target.value_or(policy.record.best_return),
                                 .sample = options.act == ActionChoice::kSample,
                                 .seed = options.seed});
  Renderer renderer(environment.model(), kWidth, kHeight);
  VideoWriter video(out, kWidth, kHeight, kFramesPerSecond);
  const DataPtr data(mj_makeData(environment.model()));
  ProgressBar bar("  film  " + options.environment,
                  options.episodes * environment.spec().max_episode_steps, "frames");
  int64_t frames = 0, episode = 0;
  double episode_return = 0;
  const auto film = [&](const RolloutView& view, std::span<double> actions) {
    episode_return += view.rewards[0];
    if (view.starts[0]) {
      ++episode;
      episode_return = 0;
    }
    char caption[64];
    std::snprintf(caption, sizeof caption, "episode %ld  return %.1f", static_cast<long>(episode),
                  episode_return);
    environment.CopyState(0, data.get());
    video.Write(renderer.Render(data.get(), caption));
    bar.Update(++frames);
    acting(view, actions);
  };
  Rollout(environment, film, {.episodes = options.episodes, .seed = options.seed});
  video.Finish();
  bar.Finish();
  return out;
}

}  // namespace longplay
