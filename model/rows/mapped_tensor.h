// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// A tensor on the CPU whose memory is a temporary file: the system may write it out when memory is
/// short. The file has no name, lives in the system's folder for temporary files (TMPDIR) and goes
/// with the tensor. Its bytes count in PeakTensorBytes, and in PeakMappedBytes.
/// Throws std::runtime_error when there is no room or no folder.
torch::Tensor MappedTensor(at::IntArrayRef sizes, torch::ScalarType type);

}  // namespace longplay
