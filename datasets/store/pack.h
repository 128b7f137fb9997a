// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "datasets/episode_reader.h"
#include "datasets/files/mapped_file.h"
#include "datasets/store/step_summary.h"
#include "datasets/store/store_options.h"

namespace longplay {

/// A data set's steps as float32 arrays, one after another in files that can be mapped: a copy that
/// is made once and found again as long as the source does not change.
///
///   <source>.packed/  manifest.json  episodes.bin  observations.f32  actions.f32  rewards.f32
///                     final_observations.f32
///
/// While it is made the folder is called <source>.packed.partial. A killed pack goes on from the
/// last episode that progress.json names; the folder gets its name when everything is on disk.
struct Pack {
  DatasetInfo info;
  std::vector<std::string> warnings;  // of the source, a line for each kind
  StepSummary summary;
  std::vector<double> offset;                 // [O] taken off the observations; empty = nothing
  MappedFile observations, actions, rewards;  // [N, O], [N, A], [N] float32
  MappedFile final_observations;              // [E, O] float32 of E episodes
};

/// What a data set's files are: names, sizes and times, also of those that an HDF5 file takes values
/// from (hdf5_sources.h). Equal for as long as none changes.
nlohmann::json SourceIdentity(const std::string& path);

/// Where the pack of a data set is or will be.
std::filesystem::path PackFolder(const std::string& source, const PackOptions& options);

/// The pack of a data set if it is there and the source has not changed since.
bool HasPack(const std::string& source, const PackOptions& options);

/// Opens the pack, which is made first if need be. Another process that makes the same one is
/// waited for. Throws std::runtime_error when the folder cannot be written, and what OpenDataset
/// throws.
Pack OpenPack(const std::string& source, const PackOptions& options);

}  // namespace longplay
