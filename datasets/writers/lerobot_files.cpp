// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_files.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr char kData[] = "data", kMeta[] = "meta/episodes";
constexpr char kGrowing[] = ".growing";  // behind the name of a file that has no end yet

template <typename Value>
void AppendAll(std::vector<Value>& to, const std::vector<Value>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

LerobotFiles::LerobotFiles(std::string folder, std::vector<ParquetColumn> data,
                           std::vector<ParquetColumn> meta, int64_t file_bytes)
    : folder_(std::move(folder)),
      data_columns_(std::move(data)),
      meta_columns_(std::move(meta)),
      file_bytes_(file_bytes),
      meta_rows_(meta_columns_.size()) {}

LerobotFiles::~LerobotFiles() = default;

std::string LerobotFiles::PathOf(const std::string& parent, const Place& place) const {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "/chunk-%03ld/file-%03ld.parquet",
                static_cast<long>(place.chunk()), static_cast<long>(place.file()));
  std::string path = folder_ + "/" + parent + name.data();
  fs::create_directories(fs::path(path).parent_path());
  return path;
}

// Under its name a file is whole.
void LerobotFiles::WriteWhole(const std::string& path, const std::vector<ParquetColumn>& columns,
                              int64_t rows, const std::vector<ColumnRows>& values,
                              ParquetStatistics statistics) const {
  ParquetWriter writer(path + kGrowing, columns, {}, statistics);
  writer.AppendGroup(rows, values);
  writer.Close();
  fs::rename(path + kGrowing, path);
}

void LerobotFiles::Append(int64_t rows, const std::vector<ColumnRows>& frames,
                          const MetaRow& meta) {
  // As LeRobot does: the episode goes into another file when it would make this one too large.
  if (episodes_ > 0) {
    const auto bytes = static_cast<double>(growing_->bytes());
    const double each = bytes / static_cast<double>(rows_);
    if (bytes + each * static_cast<double>(rows) >= static_cast<double>(file_bytes_)) Close();
  }
  // The episode's own files: frames, and then what names them.
  const Place own{number_ + episodes_}, whole{number_};
  WriteWhole(PathOf(kData, own), data_columns_, rows, frames, ParquetStatistics::kOfEachGroup);
  WriteWhole(PathOf(kMeta, own), meta_columns_, 1, meta(own), ParquetStatistics::kNone);
  // The same into the file that grows.
  if (growing_ == nullptr) {
    growing_ = std::make_unique<ParquetWriter>(PathOf(kData, whole) + kGrowing, data_columns_);
  }
  growing_->AppendGroup(rows, frames);
  const std::vector<ColumnRows> row = meta(whole);
  for (size_t k = 0; k < row.size(); ++k) {
    AppendAll(meta_rows_[k].numbers, row[k].numbers);
    AppendAll(meta_rows_[k].whole, row[k].whole);
    AppendAll(meta_rows_[k].texts, row[k].texts);
    AppendAll(meta_rows_[k].lengths, row[k].lengths);
  }
  episodes_ += 1;
  rows_ += rows;
}

void LerobotFiles::Close() {
  if (episodes_ == 0) return;
  growing_->Close();
  growing_.reset();
  // Every moment of this leaves each episode named, some twice for a while: the reader knows.
  const std::string data = PathOf(kData, {number_});
  fs::rename(data + kGrowing, data);
  WriteWhole(PathOf(kMeta, {number_}), meta_columns_, episodes_, meta_rows_,
             ParquetStatistics::kNone);
  for (int64_t k = 1; k < episodes_; ++k) fs::remove(PathOf(kMeta, {number_ + k}));
  for (int64_t k = 1; k < episodes_; ++k) fs::remove(PathOf(kData, {number_ + k}));
  meta_rows_.assign(meta_columns_.size(), {});
  number_ += 1;
  episodes_ = rows_ = 0;
}

}  // namespace longplay
