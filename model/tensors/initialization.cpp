// SPDX-License-Identifier: MIT
#include "model/tensors/initialization.h"

#include <torch/nn/init.h>

namespace longplay {

void DrawWeights(torch::nn::Linear& linear, double standard_deviation) {
  torch::nn::init::normal_(linear->weight, 0, standard_deviation);
  if (linear->bias.defined()) torch::nn::init::zeros_(linear->bias);
}

}  // namespace longplay
