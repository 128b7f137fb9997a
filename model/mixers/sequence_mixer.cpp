// SPDX-License-Identifier: MIT
#include "model/mixers/sequence_mixer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <utility>

namespace longplay {
namespace {

/// A state as it is, for mixers whose state does not grow.
class StateContext : public MixerContext {
 public:
  explicit StateContext(MixerState start, int64_t batch) : start_(std::move(start)) {
    for (const torch::Tensor& one : start_) {
      state.push_back(one.repeat_interleave(batch, 0));  // [B, ..]
    }
  }

  void Forget(int64_t i) override {
    for (size_t k = 0; k < state.size(); ++k) state[k].select(0, i).copy_(start_[k].select(0, 0));
  }
  void Select(const torch::Tensor& rows) override {
    for (torch::Tensor& tensor : state) tensor = tensor.index_select(0, rows.to(tensor.device()));
  }
  int64_t bytes() const override {
    int64_t sum = 0;
    for (const torch::Tensor& tensor : state) sum += static_cast<int64_t>(tensor.nbytes());
    return sum;
  }

  MixerState state;  // each [B, ..]

 private:
  MixerState start_;  // each [1, ..]
};

}  // namespace

std::unique_ptr<MixerContext> SequenceMixer::StartContext(int64_t batch,
                                                          const ContextOptions& /*options*/) const {
  const torch::NoGradGuard no_grad;
  const auto like = parameters().front().options().requires_grad(false);
  return std::make_unique<StateContext>(StartState(1, like), batch);
}

torch::Tensor SequenceMixer::Step(const torch::Tensor& x, MixerContext& context, Stretch& stretch) {
  const torch::NoGradGuard no_grad;
  return Forward(x, dynamic_cast<StateContext&>(context).state, stretch);
}

}  // namespace longplay
