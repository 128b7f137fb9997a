// SPDX-License-Identifier: MIT
#pragma once

#include "model/wkv/wkv7.h"

namespace longplay {

/// Wkv7 token by token, as written in the source: the readable specification. Autograd keeps every
/// state.
/// Source: arXiv 2503.14456, section 4; BlinkDL/RWKV-LM b9b5e64, RWKV-v7/rwkv_v7_numpy.py.
Wkv7Output ReferenceWkv7(const Wkv7Input& input, const torch::Tensor& state);

}  // namespace longplay
