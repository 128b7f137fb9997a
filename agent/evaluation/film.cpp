// SPDX-License-Identifier: MIT
#include "agent/evaluation/film.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

#include "agent/acting/function_policy.h"
#include "agent/acting/make_policy.h"
#include "agent/acting/rollout.h"
#include "agent/evaluation/evaluation.h"
#include "agent/files/video_writer.h"
#include "agent/notes.h"
#include "agent/progress_bar.h"
#include "env/environment_facets.h"

namespace longplay {
namespace {

void Check(const FilmOptions& options) {
  // yuv420p halves both sizes.
  const bool even = options.width % 2 == 0 && options.height % 2 == 0;
  if (options.width < 16 || options.height < 16 || !even) {
    throw std::invalid_argument("filming: size: expected even numbers from 16, got " +
                                std::to_string(options.width) + "x" +
                                std::to_string(options.height));
  }
}

std::unique_ptr<Camera> MakeCamera(const Environment& environment, const FilmOptions& options) {
  const Rendering* rendering = environment.rendering();
  if (rendering != nullptr) return rendering->MakeCamera(options.width, options.height);
  throw std::invalid_argument("filming: " + environment.spec().id +
                              ": expected a task that has pictures, got one without");
}

/// Frames of several simulations, side by side in one picture.
class Filmstrip {
 public:
  Filmstrip(const Environment& environment, double target, const FilmOptions& options)
      : environment_(environment),
        target_(target),
        options_(options),
        camera_(MakeCamera(environment, options)),
        returns_(environment.batch()),
        episodes_(environment.batch()),
        picture_(static_cast<size_t>(environment.batch()) * options.width * options.height * 3) {}

  /// [height, chains * width, 3] bytes for what the policy sees now.
  const std::vector<uint8_t>& Take(const RolloutView& view) {
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (view.active[i] == 0) continue;  // its last picture stays
      // The reward of the decision before; at a start it belongs to the episode that ended.
      returns_[i] += view.rewards[i];
      if (view.starts[i] != 0) {
        ++episodes_[i];
        returns_[i] = 0;
      }
      Draw(i);
    }
    return picture_;
  }

 private:
  void Draw(int64_t i) {
    char caption[96];
    std::snprintf(caption, sizeof caption, "episode %ld  return %.1f of %.1f",
                  static_cast<long>(episodes_[i]), returns_[i], target_);
    const std::vector<uint8_t> frame = camera_->Take(i, caption);
    // Chain i's rows go beside those of the chains before it.
    const size_t row = static_cast<size_t>(options_.width) * 3;
    const size_t whole_row = row * environment_.batch();
    for (int y = 0; y < options_.height; ++y) {
      std::copy_n(frame.begin() + y * row, row, picture_.begin() + y * whole_row + i * row);
    }
  }

  const Environment& environment_;
  double target_;
  FilmOptions options_;
  std::unique_ptr<Camera> camera_;
  std::vector<double> returns_;    // [chains] of the running episodes
  std::vector<int64_t> episodes_;  // [chains]
  std::vector<uint8_t> picture_;
};

/// Ends a roll-out early.
struct EnoughFrames {};

}  // namespace

std::string FilmOfRun(const std::string& run) { return run + "/video.mp4"; }

int64_t Film(const LoadedPolicy& policy, const EvaluateOptions& evaluate,
             const FilmOptions& options, const std::string& out) {
  Check(options);
  if (evaluate.last_context != LastContext::kAsPlayed) {
    throw std::invalid_argument(
        "filming: evaluate.last_context: expected as_played, got another order of the episodes");
  }
  // The same environment and policy as in an evaluation, with as many chains as are filmed.
  const std::unique_ptr<Environment> environment =
      MakeEvaluationEnvironment(policy, evaluate, options.chains);
  const double target = evaluate.target.value_or(policy.record.best_return);
  const std::unique_ptr<Policy> acting =
      MakePolicy(policy, ActingOptions(evaluate, options.chains, target));
  Filmstrip strip(*environment, target, options);
  // As long as an episode can be: how long it will be is not known yet.
  const std::vector<std::vector<int64_t>> lengths = {{environment->spec().max_episode_steps}};
  for (const std::string& note : RangeNotes(policy, evaluate, lengths)) {
    PrintNote(policy.folder + " " + note);
  }
  VideoWriter video(out, options.width * static_cast<int>(options.chains), options.height,
                    options.frames_per_second);
  const int64_t longest = evaluate.episodes * environment->spec().max_episode_steps;
  ProgressBar bar("  film  " + evaluate.environment,
                  options.frames > 0 ? std::min(options.frames, longest) : longest, "frames");
  int64_t frames = 0;
  FunctionPolicy film([&](const RolloutView& view, std::span<double> actions) {
    // A roll-out has no other way to end early.
    if (options.frames > 0 && frames == options.frames) throw EnoughFrames();
    video.Write(strip.Take(view));
    bar.Update(++frames);
    acting->Act(view, actions);
  });
  try {
    Rollout(*environment, film, {.episodes = evaluate.episodes, .seed = evaluate.seed});
  } catch (const EnoughFrames&) {
  }
  video.Finish();
  bar.Finish();
  return frames;
}

}  // namespace longplay
