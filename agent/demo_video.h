// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// Plays one chain of the policy in `run` as its evaluate section says and films it: an mp4 at
/// `out`. A hidden goal is drawn as a marker. Returns `out`. Throws std::runtime_error naming the
/// package to install when EGL or ffmpeg is missing.
std::string RenderChain(const std::string& run, const std::string& out);

}  // namespace longplay
