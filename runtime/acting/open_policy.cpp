// SPDX-License-Identifier: MIT
#include "runtime/acting/open_policy.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "runtime/files/failure.h"
#include "runtime/files/read_policy.h"
#include "runtime/mixers/arena.h"

namespace longplay::runtime {
namespace {

/// What the machine has: a larger wish is refused, because the system might grant it and end the
/// process later.
uint64_t MachineMemory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(size)
                               : Arena::kTooMuch;
}

StoredProbe ReadProbe(const std::string& path, const PolicyFacts& facts) {
  StoredProbe probe;
  if (access(path.c_str(), F_OK) != 0) return probe;
  const TensorFile file(path);
  const StoredTensor* rewards = file.Find("rewards");
  if (rewards == nullptr || rewards->shape.size() != 1) {
    Fail(LONGPLAY_DAMAGED, "reading " + path + ": rewards: expected one for each step");
  }
  probe.steps = rewards->shape.front();
  const auto take = [&](const char* name, const std::vector<int64_t>& shape,
                        std::vector<double>& to) {
    const StoredTensor& tensor = file.Take(name, shape);
    for (int64_t i = 0; i < tensor.count; ++i) to.push_back(tensor.at(i));
  };
  take("rewards", {probe.steps}, probe.rewards);
  take("starts", {probe.steps}, probe.starts);
  take("observations", {probe.steps, facts.observation_size}, probe.observations);
  take("actions", {probe.steps, facts.action_columns()}, probe.actions);
  if (probe.starts.front() == 0) {
    Fail(LONGPLAY_DAMAGED, "reading " + path + ": starts: expected 1 at the first step");
  }
  return probe;
}

/// Whether the policy acts on an episode that is not the first as it did when it was exported.
bool PlaysLaterEpisodes(const ActingPolicy& policy, const longplay_policy_options& options) {
  return options.context == LONGPLAY_CONTEXT_AUTO && policy.settings().window_episodes == 0;
}

uint64_t Fingerprint(const TensorFile& weights, const ActingSettings& settings) {
  const uint64_t facts[] = {weights.hash(),
                            static_cast<uint64_t>(settings.room.type),
                            static_cast<uint64_t>(settings.weight_type),
                            static_cast<uint64_t>(settings.context_steps),
                            static_cast<uint64_t>(settings.window_episodes),
                            static_cast<uint64_t>(settings.slides)};
  return HashOf(reinterpret_cast<const char*>(facts), sizeof facts);
}

}  // namespace

void OpenedPolicy::FreeBlock::operator()(std::byte* block) const { std::free(block); }

std::unique_ptr<OpenedPolicy> OpenPolicy(const std::string& folder,
                                         const longplay_policy_options& options) {
  const PolicyFacts facts = ReadPolicyFacts(folder + "/config.json");
  const ActingSettings settings = ChooseSettings(facts, options);
  const TensorFile weights(folder + "/model.safetensors");
  auto opened = std::make_unique<OpenedPolicy>();
  opened->probe = ReadProbe(folder + "/probe.safetensors", facts);
  opened->probe_action.resize(static_cast<size_t>(facts.action_columns()));
  opened->parameters = weights.numbers();
  // Built twice: the first time counts the memory.
  Arena count;
  {
    ActingPolicy counted(facts, settings, weights, count);
    const ReadingQueue queue(counted, count);
  }
  if (count.used() > MachineMemory()) {
    Fail(LONGPLAY_NO_MEMORY,
         "opening a policy: expected contexts that fit this machine's memory, got " +
             std::to_string(count.used() >> 20) +
             " MiB: choose fewer chains or context_steps, or a narrower key_value_type");
  }
  opened->block.reset(
      static_cast<std::byte*>(std::aligned_alloc(64, std::max<uint64_t>(64, count.used()))));
  if (!opened->block) {
    Fail(LONGPLAY_NO_MEMORY, "opening a policy: expected " + std::to_string(count.used()) +
                                 " bytes of memory, got none");
  }
  // Zeros, which also makes the system give each page now and not while the policy acts.
  std::memset(opened->block.get(), 0, count.used());
  Arena arena(opened->block.get());
  opened->policy = std::make_unique<ActingPolicy>(facts, settings, weights, arena);
  opened->queue = std::make_unique<ReadingQueue>(*opened->policy, arena);
  opened->fingerprint = Fingerprint(weights, settings);
  opened->policy->SetDraws(options.act, options.seed);
  opened->memory_bytes = static_cast<int64_t>(arena.used());
  if (opened->probe.steps > 0) {
    const double difference = PlayProbe(*opened, options);
    if (!(difference <= ProbeTolerance(*opened->policy))) {
      Fail(LONGPLAY_DAMAGED,
           "opening a policy: " + folder +
               ": expected the actions stored in probe.safetensors, got others (" +
               std::to_string(difference) + " apart)");
    }
    opened->policy->StartChain(0, std::nan(""));
  }
  // One chain alone has nothing to be grouped with.
  if (settings.chains > 1 && !facts.is_actor) opened->queue->costs().Measure(*opened->policy);
  return opened;
}

double PlayProbe(OpenedPolicy& opened, const longplay_policy_options& options) {
  ActingPolicy& policy = *opened.policy;
  const StoredProbe& probe = opened.probe;
  const PolicyFacts& facts = policy.facts();
  const int64_t O = facts.observation_size, C = facts.action_columns();
  policy.StartChain(0, facts.best_return);
  double most = 0;
  for (int64_t t = 0; t < probe.steps; ++t) {
    const auto at = static_cast<size_t>(t);
    const bool starts = probe.starts[at] != 0;
    if (!facts.is_actor) {
      if (t >= policy.settings().context_steps) break;
      if (t > 0 && starts && !PlaysLaterEpisodes(policy, options)) break;
      if (policy.CheckRoom(0, starts) != LONGPLAY_OK) break;
    }
    const double* const stored = probe.actions.data() + t * C;
    double* const action = opened.probe_action.data();
    policy.DecideOne(0, probe.rewards[at], starts, probe.observations.data() + t * O, action);
    for (int64_t c = 0; c < C; ++c) {
      const double scale = facts.discrete ? 1 : facts.units.action_scale[static_cast<size_t>(c)];
      const double apart = std::fabs((action[c] - stored[c]) / scale);
      most = std::max(most, facts.discrete ? std::min(apart, 1.0) : apart);
    }
    // What was done then comes next, so that no difference grows.
    if (!facts.is_actor && policy.writer().IsAction(stored)) policy.Take(0, stored);
  }
  return most;
}

double ProbeTolerance(const ActingPolicy& policy) {
  const ActingSettings& settings = policy.settings();
  const bool exact = settings.weight_type == NumberType::kFloat32 &&
                     (policy.facts().is_actor || settings.room.type == NumberType::kFloat32);
  if (exact) return 1e-3;
  // Rounded numbers may make another of two near choices, which is no damage.
  return policy.facts().discrete ? 1 : 0.25;
}

}  // namespace longplay::runtime
