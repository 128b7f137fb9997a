// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace longplay {

/// Tensors by name, on the CPU.
using TensorMap = std::map<std::string, torch::Tensor>;

/// Writes a safetensors file (floats of 16, 32 and 64 bits, bfloat16, int32, int64, uint8, bool),
/// flushed to disk. Throws std::runtime_error when it cannot be written.
void WriteSafetensors(const std::string& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata = {});

/// Reads one, trusting nothing: the header must be JSON within the file, every tensor's bytes must
/// lie inside it, match its shape and type, and not overlap another's. Throws std::runtime_error
/// "reading weights: <file>: expected X, got Y".
/// Source: github.com/huggingface/safetensors, format section of its README.
TensorMap ReadSafetensors(const std::string& path);

}  // namespace longplay
