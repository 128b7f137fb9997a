// SPDX-License-Identifier: MIT
#include "model/mixing/sequence_mixer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <utility>

namespace longplay {
namespace {

/// A state as it is, for mixers whose state does not grow.
class StateContext : public MixerContext {
 public:
  StateContext(SequenceMixer& mixer, StateTensors start, int64_t batch)
      : mixer_(mixer), start_(std::move(start)) {
    // Copies, as Forget writes into single chains.
    for (const torch::Tensor& one : start_) {
      state_.push_back(one.repeat_interleave(batch, 0));  // [B, ..]
    }
  }

  torch::Tensor Step(const torch::Tensor& x, const Chunk& chunk, HandedOn& handed) override {
    const torch::NoGradGuard no_grad;
    return mixer_.Forward(x, state_, chunk, handed);
  }
  void Forget(int64_t i) override {
    for (size_t k = 0; k < state_.size(); ++k) state_[k].select(0, i).copy_(start_[k].select(0, 0));
  }
  void Select(const torch::Tensor& rows) override {
    for (torch::Tensor& tensor : state_) tensor = tensor.index_select(0, rows.to(tensor.device()));
  }
  int64_t bytes() const override {
    int64_t sum = 0;
    for (const torch::Tensor& tensor : state_) sum += static_cast<int64_t>(tensor.nbytes());
    return sum;
  }

 private:
  SequenceMixer& mixer_;
  StateTensors start_;  // each [1, ..]
  StateTensors state_;  // each [B, ..]
};

}  // namespace

void MixerContext::TakeBack(int64_t /*i*/, int64_t /*tokens*/) {
  TORCH_CHECK(false, "acting: tokens taken back: expected attention's cache, got a state");
}

std::unique_ptr<MixerContext> SequenceMixer::StartContext(int64_t batch,
                                                          const ContextOptions& /*options*/) {
  const torch::NoGradGuard no_grad;
  // The start of one chain is kept as well: Forget copies it.
  const auto like = parameters().front().options().requires_grad(false);
  return std::make_unique<StateContext>(*this, StartState(1, like), batch);
}

}  // namespace longplay
