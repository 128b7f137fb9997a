// SPDX-License-Identifier: MIT
#include "agent/collect_work/learner_state.h"

#include <ATen/ops/tensor.h>
#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace longplay {
namespace {

constexpr char kLearner[] = "learner.";
constexpr int64_t kCounters = 8;

template <typename T>
torch::Tensor TensorOf(const std::vector<T>& values) {
  return at::tensor(at::ArrayRef<T>(values));
}

template <typename T>
std::vector<T> Numbers(const TensorMap& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  if (found == tensors.end() || found->second.scalar_type() != c10::CppTypeToScalarType<T>()) {
    throw std::runtime_error("reading a learner's state: expected " + name + ", got none");
  }
  const T* first = found->second.template const_data_ptr<T>();
  return {first, first + found->second.numel()};
}

[[noreturn]] void Fail(const std::string& path) {
  throw std::runtime_error("saving a learner: " + path +
                           ": expected to write a file there, got: " + std::strerror(errno));
}

void Flush(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) Fail(path);
  const bool flushed = fsync(file) == 0;
  close(file);
  if (!flushed) Fail(path);
}

}  // namespace

void SaveLearnerState(const std::string& path, const LearnerState& state) {
  TensorMap tensors;
  for (const auto& [name, tensor] : state.learner) tensors[kLearner + name] = tensor;
  // One tensor of integers; other types keep their bits in it.
  tensors["counters"] = TensorOf<int64_t>(
      {state.rounds, state.decisions, state.recorded, state.started,
       std::bit_cast<int64_t>(state.updates_due), std::bit_cast<int64_t>(state.random),
       state.journal_bytes, static_cast<int64_t>(state.running.size())});
  // Running episodes by number: "running.0", "running.0.shares", "running.0.seen".
  for (size_t k = 0; k < state.running.size(); ++k) {
    const LearnerState::RunningEpisode& episode = state.running[k];
    const std::string name = "running." + std::to_string(k);
    tensors[name] = TensorOf<int64_t>(
        {episode.simulation, std::bit_cast<int64_t>(episode.seed), episode.first_round});
    tensors[name + ".shares"] = TensorOf(episode.shares);
    tensors[name + ".seen"] = TensorOf(episode.seen);
  }
  // Flushed under another name: under its own there is the old state or the new one, whole.
  const std::string temporary = path + ".part";
  WriteSafetensors(temporary, tensors);
  Flush(temporary);
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) Fail(path);
}

std::optional<LearnerState> LoadLearnerState(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const TensorMap tensors = ReadSafetensors(path);
  LearnerState state;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(kLearner)) state.learner[name.substr(sizeof kLearner - 1)] = tensor;
  }
  const std::vector<int64_t> counters = Numbers<int64_t>(tensors, "counters");
  if (counters.size() != kCounters) {
    throw std::runtime_error("reading a learner's state: " + path + ": expected " +
                             std::to_string(kCounters) + " counters, got " +
                             std::to_string(counters.size()));
  }
  // In the order of SaveLearnerState.
  state.rounds = counters[0];
  state.decisions = counters[1];
  state.recorded = counters[2];
  state.started = counters[3];
  state.updates_due = std::bit_cast<double>(counters[4]);
  state.random = std::bit_cast<uint64_t>(counters[5]);
  state.journal_bytes = counters[6];
  for (int64_t k = 0; k < counters[7]; ++k) {
    const std::string name = "running." + std::to_string(k);
    const std::vector<int64_t> place = Numbers<int64_t>(tensors, name);
    state.running.push_back({.simulation = place.at(0),
                             .seed = std::bit_cast<uint64_t>(place.at(1)),
                             .first_round = place.at(2),
                             .shares = Numbers<float>(tensors, name + ".shares"),
                             .seen = Numbers<double>(tensors, name + ".seen")});
  }
  return state;
}

}  // namespace longplay
