// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "datasets/parquet/parquet_writer.h"

namespace longplay {

/// The files of a LeRobot data set that grows: frames in data/chunk-*/file-*.parquet, and beside each
/// a table of the same number in meta/episodes that says which episodes it has.
///
/// While a file grows it cannot be read, so each of its episodes is also in a small file of its own;
/// those take the numbers from the growing one's on, and are gone when it is finished.
class LerobotFiles {
 public:
  static constexpr int64_t kFilesInChunk = 1000;

  /// Where an episode's frames and its row of meta are.
  struct Place {
    int64_t number = 0;
    int64_t chunk() const { return number / kFilesInChunk; }
    int64_t file() const { return number % kFilesInChunk; }
  };
  /// The row of meta of an episode whose file is at a place: each column one row.
  using MetaRow = std::function<std::vector<ColumnRows>(const Place& place)>;

  /// Below `folder`; a file is finished before it has more bytes.
  LerobotFiles(std::string folder, std::vector<ParquetColumn> data, std::vector<ParquetColumn> meta,
               int64_t file_bytes);
  ~LerobotFiles();

  /// An episode of `rows` frames: on disk and readable when this returns.
  void Append(int64_t rows, const std::vector<ColumnRows>& frames, const MetaRow& meta);
  /// Finishes the growing file.
  void Close();

 private:
  std::string PathOf(const std::string& parent, const Place& place) const;
  void WriteWhole(const std::string& path, const std::vector<ParquetColumn>& columns, int64_t rows,
                  const std::vector<ColumnRows>& values, ParquetStatistics statistics) const;

  std::string folder_;
  std::vector<ParquetColumn> data_columns_, meta_columns_;
  int64_t file_bytes_;
  std::unique_ptr<ParquetWriter> growing_;        // of frames
  std::vector<ColumnRows> meta_rows_;             // of the growing file's episodes
  int64_t number_ = 0, episodes_ = 0, rows_ = 0;  // of the growing file
};

}  // namespace longplay
