// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "datasets/formats/format_reader.h"
#include "datasets/tables/episode_rows.h"
#include "datasets/tables/step_columns.h"
#include "datasets/tables/step_table.h"

namespace longplay {

/// The episodes of a table that is in memory: its columns chosen, its rows cut.
class TableReader : public FormatReader {
 public:
  /// Throws DataError where columns or ends are not what they have to be.
  TableReader(StepTable table, const TableOptions& options);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;
  RecordedPhysics ReadPhysics(int64_t index) const override;
  RecordedPhysics StatesToCheck(int64_t index) const override {
    return columns_.next_observations.empty() ? ReadPhysics(index) : RecordedPhysics();
  }

  /// "observations = obs_0, obs_1; actions": what was chosen by names alone; "" = nothing.
  std::string Guesses() const;
  /// Columns that are no part of the steps (`why` is empty), and what else the file holds.
  std::vector<LeftOut> LeftOutColumns() const;

 private:
  using Columns = std::vector<const TableColumn*>;
  static std::string TypeOf(const Columns& columns, bool is_text_file);
  void ReadActionKind(const TableOptions& options);
  void SetDiscrete(const TableColumn& column);
  std::vector<int64_t> RowsOf(int64_t index) const;
  void LoadNumbers(const Columns& columns, const std::vector<int64_t>& rows,
                   std::vector<double>& values) const;
  void LoadFinalObservation(int64_t index, const std::vector<int64_t>& rows, Episode& episode,
                            ProblemLog& log) const;
  void CheckNext(const std::vector<int64_t>& rows, ProblemLog& log) const;
  const std::vector<TableColumn>& Infos() const;

  StepTable table_;
  StepColumns columns_;  // of table_
  EpisodeRows cut_;
  DatasetInfo info_;
  std::vector<std::string> notes_;  // on actions
  mutable std::vector<TableColumn> infos_;
  mutable bool has_infos_ = false;  // infos_ were read
};

}  // namespace longplay
