// SPDX-License-Identifier: MIT
#pragma once

#include "model/wkv/wkv4.h"

namespace longplay {

/// Wkv4 token by token, as written in the source: the readable specification. Autograd keeps every
/// state.
/// Source: BlinkDL/RWKV-LM 524481d, RWKV-v4neo/cuda/wkv_cuda.cu (the forward loop).
Wkv4Output ReferenceWkv4(const Wkv4Input& input, const Wkv4State& state);

}  // namespace longplay
