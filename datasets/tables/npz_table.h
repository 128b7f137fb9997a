// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "datasets/tables/step_columns.h"
#include "datasets/tables/step_table.h"

namespace longplay {

/// The arrays of an .npz file that have a row a step, as columns.
///
/// `options` may name the observations, whose rows are counted; otherwise names do (step_names.h).
/// Arrays [E, T, ...] of equal episodes are put one episode after another where actions or rewards
/// show that they are some. An array `index` of fewer whole numbers (NeoRL) holds the rows where
/// episodes end. qpos, qvel, button_states and infos/... are infos. Single values, texts, Python
/// objects and arrays of other lengths go into left_out.
/// Throws DataError for what is no such file, for steps of different lengths, and for pictures.
StepTable LoadNpzTable(const std::string& path, const TableOptions& options);

}  // namespace longplay
