// SPDX-License-Identifier: MIT
#include "agent/learners/choose_device.h"

#include <torch/cuda.h>

#include <stdexcept>

namespace longplay {

c10::Device ChooseDevice(const std::string& name) {
  if (name == "auto") return torch::cuda::is_available() ? c10::kCUDA : c10::kCPU;
  const bool cuda = name == "cuda" || name.starts_with("cuda:");
  if (name != "cpu" && !cuda) {
    throw std::invalid_argument("choosing device: expected auto, cpu, cuda or cuda:N, got " + name);
  }
  if (cuda && !torch::cuda::is_available()) {
    throw std::invalid_argument(
        "choosing device: expected cpu or auto where LibTorch finds no CUDA device, got " + name);
  }
  return c10::Device(name);
}

}  // namespace longplay
