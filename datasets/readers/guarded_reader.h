// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>

#include "datasets/episode_reader.h"
#include "datasets/files/guarded_process.h"
#include "datasets/formats/format_reader.h"

namespace longplay {

/// What a reader in a child process reads, handed on: a damaged file crashes the child alone, and
/// every array is unpacked once. `path` names the data set in messages. Throws what `make` and the
/// survey throw in the child, as std::runtime_error.
std::unique_ptr<EpisodeReader> OpenGuarded(
    const std::string& path, const GuardLimits& limits,
    const std::function<std::unique_ptr<FormatReader>()>& make);

}  // namespace longplay
