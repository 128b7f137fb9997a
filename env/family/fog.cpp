// SPDX-License-Identifier: MIT
// A hidden vector is seen through fog: each reading alone says next to nothing, all of them together
// say where it is. A test of long memory by filtering, not of control: actions change nothing.
//
//   theta_1 ~ N(0, I),  theta_{t+1} = rho theta_t + sqrt(1 - rho^2) e_t,  rho = 1 - drift
//   reading o_t = theta_t + sigma e'_t, then action a_t earns -|a_t - theta_t|^2
//
// Choices, with their reasons:
// - everything is Gaussian and linear, so the best possible policy is known: the mean of a Kalman
//   filter, which earns -2 v_t on average. What a policy earns less than that is what it forgot;
// - sigma = 30: after one reading the variance is 0.999, after 900 it is half, after a million 0.0009.
//   So no finite context is enough without drift, and every length can be told from the next;
// - the vector is stationary: with drift, too, its variance is 1 at every step;
// - with drift the filter forgets by itself: at drift 1e-5 v ends at 0.125;
// - two numbers, so that an episode of a million steps is small; they know nothing of each other;
// - an episode ends at its last step (argument `steps`), never before. There is no parameter of a
//   chain: the vector belongs to an episode, and training and held-out episodes differ by their seed.
#include "env/family/fog.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

namespace longplay {
namespace {

constexpr int kLongest = 1000000;  // [steps] more are asked for by max_episode_steps
constexpr double kLargestSigma = 1e6;

double Checked(TaskArguments& arguments, const std::string& name, double value, double low,
               double high, const std::string& expected) {
  const double got = arguments.Number(name, value);
  if (got < low || got > high) arguments.Refuse(name, expected);
  return got;
}

/// 1 - rho^2, exactly: for a small drift the difference itself would lose its digits.
double Innovation(const FogOptions& options) { return options.drift * (2 - options.drift); }

// Numbers of a simulation's state. The noise of step t is a function of the episode's key and t, so
// a state needs no generator.
enum FogState : size_t {
  kVector = 0,             // [kFogSize]
  kReading = kVector + 2,  // [kFogSize]
  kStep = kReading + 2,    // steps since the start
  kKeyHigh = kStep + 1,    // 32 bits each
  kKeyLow = kKeyHigh + 1,
  kStateSize = kKeyLow + 1,
};

class Fog : public PlainTask {
 public:
  explicit Fog(const FogOptions& options)
      : options_(options), rho_(1 - options.drift), innovation_(std::sqrt(Innovation(options))) {}

  int64_t state_size() const override { return kStateSize; }
  int64_t max_episode_steps(int64_t /*listed*/) const override { return options_.steps; }
  std::pair<double, double> action_range(int64_t /*a*/) const override {
    return {-kFogActionBound, kFogActionBound};
  }

  void Initialize(const PlainSimulation& s, RandomGenerator& random) const override {
    const uint64_t key = random.Next();
    s.state[kKeyHigh] = static_cast<double>(key >> 32);
    s.state[kKeyLow] = static_cast<double>(key & 0xFFFFFFFFU);
    s.state[kStep] = 0;
    for (int64_t k = 0; k < kFogSize; ++k) s.state[kVector + k] = random.Normal();
    RandomGenerator noise = NoiseOf(s);
    Read(s, noise);
  }

  TaskStep Step(const PlainSimulation& s, std::span<const double> action) const override {
    double distance = 0;
    for (int64_t k = 0; k < kFogSize; ++k) {
      const double a = std::clamp(action[k], -kFogActionBound, kFogActionBound);
      distance += (a - s.state[kVector + k]) * (a - s.state[kVector + k]);
    }
    // The next step: its reading's noise comes before its drift, so that drift changes no noise.
    s.state[kStep] += 1;
    RandomGenerator noise = NoiseOf(s), drift = noise;
    if (options_.drift > 0) {
      for (int64_t k = 0; k < kFogSize; ++k) drift.Normal();
      for (int64_t k = 0; k < kFogSize; ++k) {
        s.state[kVector + k] = rho_ * s.state[kVector + k] + innovation_ * drift.Normal();
      }
    }
    Read(s, noise);
    return {.reward = -distance};
  }

  void Observe(const PlainSimulation& s, std::span<double> observation) const override {
    std::copy_n(s.state.begin() + kReading, kFogSize, observation.begin());
  }

 private:
  static RandomGenerator NoiseOf(const PlainSimulation& s) {
    const uint64_t key =
        (static_cast<uint64_t>(s.state[kKeyHigh]) << 32) + static_cast<uint64_t>(s.state[kKeyLow]);
    return {key + static_cast<uint64_t>(s.state[kStep]), RandomGenerator::Stream::kEpisode};
  }

  void Read(const PlainSimulation& s, RandomGenerator& noise) const {
    for (int64_t k = 0; k < kFogSize; ++k) {
      s.state[kReading + k] = s.state[kVector + k] + options_.sigma * noise.Normal();
    }
  }

  FogOptions options_;
  double rho_, innovation_;
};

}  // namespace

FogOptions ReadFogOptions(TaskArguments& arguments) {
  FogOptions options;
  options.drift = Checked(arguments, "drift", options.drift, 0, 1, "0 to 1");
  options.sigma =
      Checked(arguments, "sigma", options.sigma, 1e-6, kLargestSigma, "0.000001 to 1000000");
  options.steps = arguments.Integer("steps", options.steps, {1, kLongest});
  return options;
}

FogFilter::FogFilter(const FogOptions& options)
    : rho_(1 - options.drift),
      innovation_(Innovation(options)),
      noise_(options.sigma * options.sigma) {}

void FogFilter::See(std::span<const double> reading) {
  // What drift did since the last reading; before the first one the vector is N(0, 1).
  const double predicted = begun_ ? rho_ * rho_ * variance_ + innovation_ : 1;
  begun_ = true;
  const double gain = predicted / (predicted + noise_);
  for (int64_t k = 0; k < kFogSize; ++k) {
    mean_[k] *= rho_;
    mean_[k] += gain * (reading[k] - mean_[k]);
  }
  variance_ = gain * noise_;
}

std::vector<double> FogVariances(const FogOptions& options, int64_t steps) {
  FogFilter filter(options);
  // Variances do not depend on what is read.
  const std::array<double, kFogSize> nothing = {};
  std::vector<double> variances;
  variances.reserve(steps);
  for (int64_t t = 0; t < steps; ++t) {
    filter.See(nothing);
    variances.push_back(filter.variance());
  }
  return variances;
}

std::vector<PlainEntry> FogTasks() {
  return {{.spec = {.id = kFogTask,
                    .observation_size = kFogSize,
                    .action_size = kFogSize,
                    .max_episode_steps = FogOptions().steps,
                    .action_low = {},
                    .action_high = {}},
           .make = [](TaskArguments& arguments) {
             return std::make_unique<Fog>(ReadFogOptions(arguments));
           }}};
}

}  // namespace longplay
