// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/validate.h"

namespace longplay {

/// Random access to the episodes of one file or folder, whatever its format.
class EpisodeReader {
 public:
  virtual ~EpisodeReader() = default;

  virtual const DatasetInfo& info() const = 0;

  /// Episode `index` in [0, info().episodes), in the order they were collected.
  /// Throws std::runtime_error when the file cannot be read, std::out_of_range on a bad index.
  Episode Read(int64_t index) const {
    Episode episode;
    Read(index, episode);
    return episode;
  }
  /// The same into the memory of an episode that is done with.
  virtual void Read(int64_t index, Episode& episode) const = 0;

  /// What an episode holds beyond its steps, for conversion.
  virtual EpisodeExtras ReadExtras(int64_t /*index*/) const { return {}; }

  /// Physics states of an episode: of N + 1 rows the first is that of the reset; empty when the
  /// format or the file has none.
  virtual RecordedPhysics ReadPhysics(int64_t /*index*/) const { return {}; }

  /// What `data validate` warns of, as far as it was met; all of it once every episode was read.
  virtual std::vector<Problem> Warnings() const { return {}; }
};

/// Opens a data set, recognised by its content, and checks its structure; values (NaN, Inf) are
/// checked as they are read.
///
/// `path` is an HDF5 file in the layout of D4RL, Minari, robomimic, d3rlpy or Vintix, a Minari
/// folder (the data set's own or its data/), a folder of ExoRL's .npz files, one .npz file in the
/// layout of D4RL, NeoRL or OGBench, or LeRobot's folder. It may carry options:
/// FILE?observations=object,robot0_eef_pos (robomimic, LeRobot: these keys, in this order),
/// FOLDER?reward=2 (ExoRL: this column of rewards), FILE?actions=continuous|discrete (whatever the
/// file says) or demonstrator (Vintix II), FILE?states=0 (.npz: ends stand in rows with actions). All
/// reading is done in a child process with limits on memory and time, because the HDF5 library itself
/// can crash on damaged files. Throws
/// std::runtime_error: "reading data: <file>:<HDF5 path>[index]: expected X, got Y". A reader is used
/// by one thread at a time, and not after the thread that opened it has ended.
std::unique_ptr<EpisodeReader> OpenDataset(const std::string& path);

}  // namespace longplay
