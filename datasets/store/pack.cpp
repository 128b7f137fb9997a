// SPDX-License-Identifier: MIT
#include "datasets/store/pack.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "datasets/checks/warning_summary.h"
#include "datasets/formats/dataset_info_json.h"
#include "datasets/formats/other_files.h"
#include "datasets/formats/path_options.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// 2: ends of episodes; 3: warnings; 4: files that others take values from. Packs of another version
// are made anew.
constexpr int kVersion = 4;
constexpr size_t kRowBytes = 32;                               // of an episode in episodes.bin
constexpr uint64_t kTerminated = 1, kHasFinalObservation = 2;  // bits of an episode's flags
constexpr std::array<const char*, 5> kArrays = {"observations.f32", "actions.f32", "rewards.f32",
                                                "final_observations.f32", "episodes.bin"};

[[noreturn]] void Fail(const fs::path& path, const std::string& expected) {
  throw std::runtime_error("packing data: " + path.string() + ": expected " + expected);
}

/// For a system call that failed.
[[noreturn]] void FailCall(const fs::path& path, const std::string& expected) {
  Fail(path, expected + ", got " + std::strerror(errno));
}

/// A file descriptor.
class File {
 public:
  File(const fs::path& path, int flags) : path_(path), file_(open(path.c_str(), flags, 0666)) {
    if (file_ < 0) FailCall(path, "a file that can be opened");
  }
  ~File() { close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void Write(const void* bytes, size_t size) {
    const auto* next = static_cast<const char*>(bytes);
    while (size > 0) {
      const ssize_t written = write(file_, next, size);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) FailCall(path_, "room to write");
      next += written;
      size -= static_cast<size_t>(written);
    }
  }
  void CutTo(int64_t size) {
    if (ftruncate(file_, size) != 0 || lseek(file_, 0, SEEK_END) != size) {
      FailCall(path_, "a file that can be cut to " + std::to_string(size) + " bytes");
    }
  }
  void Sync() {
    if (fsync(file_) != 0) FailCall(path_, "to reach the disk");
  }
  void Lock() {
    while (flock(file_, LOCK_EX) != 0) {
      if (errno != EINTR) FailCall(path_, "a lock");
    }
  }

 private:
  fs::path path_;
  int file_;
};

json ReadJson(const fs::path& path) {
  std::ifstream file(path);
  if (!file) return nullptr;
  const json read = json::parse(file, nullptr, false);
  return read.is_discarded() ? json(nullptr) : read;
}

/// Written beside and renamed: there is always a whole one.
void WriteJson(const fs::path& path, const json& content) {
  const fs::path partial = path.string() + ".new";
  const std::string text = content.dump();
  {
    File file(partial, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC);
    file.Write(text.data(), text.size());
    file.Sync();
  }
  fs::rename(partial, path);
}

/// Rows of episodes.bin: length, history, return, flags, 8 bytes each.
std::vector<EpisodeRow> ReadRows(const fs::path& path, int64_t count) {
  const MappedFile file(path, static_cast<size_t>(count) * kRowBytes);
  const auto bytes = file.as<char>();
  std::vector<EpisodeRow> rows(static_cast<size_t>(count));
  for (size_t i = 0; i < rows.size(); ++i) {
    const char* row = bytes.data() + i * kRowBytes;
    uint64_t flags = 0;
    std::memcpy(&rows[i].length, row, 8);
    std::memcpy(&rows[i].history, row + 8, 8);
    std::memcpy(&rows[i].episode_return, row + 16, 8);
    std::memcpy(&flags, row + 24, 8);
    rows[i].terminated = (flags & kTerminated) != 0;
    rows[i].has_final_observation = (flags & kHasFinalObservation) != 0;
  }
  return rows;
}

std::array<char, kRowBytes> ToBytes(const EpisodeRow& row) {
  std::array<char, kRowBytes> bytes = {};
  const uint64_t flags =
      (row.terminated ? kTerminated : 0) | (row.has_final_observation ? kHasFinalObservation : 0);
  std::memcpy(bytes.data(), &row.length, 8);
  std::memcpy(bytes.data() + 8, &row.history, 8);
  std::memcpy(bytes.data() + 16, &row.episode_return, 8);
  std::memcpy(bytes.data() + 24, &flags, 8);
  return bytes;
}

/// A pack in the making.
class Packer {
 public:
  Packer(fs::path folder, const EpisodeReader& reader, json identity, const PackOptions& options)
      : folder_(std::move(folder)),
        reader_(reader),
        identity_(std::move(identity)),
        options_(options) {
    summary_ = StepSummary(reader.info());
    GoOn();
  }

  void Run() {
    const int64_t episodes = reader_.info().episodes;
    Episode episode;
    for (int64_t e = static_cast<int64_t>(summary_.episodes.size()); e < episodes; ++e) {
      reader_.Read(e, episode);
      if (e == 0) offset_ = ObservationOffset(episode);
      Append(e, episode);
      if (options_.on_progress) options_.on_progress(summary_.steps, reader_.info().steps);
      if (unsaved_ >= options_.save_every) Save();
    }
    Save();
    // The manifest is last: with it the pack counts as made.
    json manifest = Progress();
    manifest["info"] = json::parse(ToText(reader_.info()));
    manifest["warnings"] = SummariseProblems(reader_.Warnings());
    WriteJson(folder_ / "manifest.json", manifest);
    fs::remove(folder_ / "progress.json");
  }

 private:
  /// Takes up what a killed pack of the same source left; cuts off what it did not finish.
  void GoOn() {
    const json progress = ReadJson(folder_ / "progress.json");
    int64_t done = 0;
    // Progress of another source, or one that cannot be read, counts as none.
    if (progress.is_object() && progress.value("source", json()) == identity_) {
      try {
        StepSummary left = StepSummary::FromJson(progress.at("summary"));
        done = progress.at("episodes");
        offset_ = progress.at("offset").get<std::vector<double>>();
        fs::resize_file(folder_ / "episodes.bin", static_cast<uintmax_t>(done) * kRowBytes);
        left.episodes = ReadRows(folder_ / "episodes.bin", done);
        summary_ = std::move(left);
      } catch (const std::exception&) {
        done = 0;
        summary_ = StepSummary(reader_.info());
      }
    }
    // Arrays may hold more than progress.json says: they were written before it.
    const DatasetInfo& info = reader_.info();
    constexpr auto kFloat = static_cast<int64_t>(sizeof(float));
    const std::array<int64_t, 5> bytes = {
        summary_.steps * info.observation_size * kFloat, summary_.steps * info.action_size * kFloat,
        summary_.steps * kFloat, done * info.observation_size * kFloat,
        done * static_cast<int64_t>(kRowBytes)};
    for (size_t k = 0; k < kArrays.size(); ++k) {
      files_[k] = std::make_unique<File>(folder_ / kArrays[k], O_CREAT | O_WRONLY | O_CLOEXEC);
      files_[k]->CutTo(bytes[k]);
    }
  }

  void Append(int64_t index, const Episode& episode) {
    const EpisodeFloats floats = ToFloats(episode, reader_.info(), index, offset_);
    const EpisodeRow row = ToRow(episode);
    summary_.Add(floats, row);
    // In the order of kArrays.
    const std::array<const std::vector<float>*, 4> arrays = {
        &floats.observations, &floats.actions, &floats.rewards, &floats.final_observation};
    for (size_t k = 0; k < arrays.size(); ++k) {
      files_[k]->Write(arrays[k]->data(), arrays[k]->size() * sizeof(float));
      unsaved_ += static_cast<int64_t>(arrays[k]->size() * sizeof(float));
    }
    const std::array<char, kRowBytes> bytes = ToBytes(row);
    files_.back()->Write(bytes.data(), bytes.size());
  }

  json Progress() const {
    return {{"source", identity_},
            {"episodes", summary_.episodes.size()},
            {"offset", offset_},
            {"summary", summary_.ToJson()}};
  }

  void Save() {
    // Arrays first: progress.json must not name what is not on disk.
    for (const auto& file : files_) file->Sync();
    WriteJson(folder_ / "progress.json", Progress());
    unsaved_ = 0;
  }

  fs::path folder_;
  const EpisodeReader& reader_;
  json identity_;
  const PackOptions& options_;
  StepSummary summary_;
  std::vector<double> offset_;
  std::array<std::unique_ptr<File>, 5> files_;
  int64_t unsaved_ = 0;  // [bytes]
};

Pack Map(const fs::path& folder) {
  const json manifest = ReadJson(folder / "manifest.json");
  Pack pack;
  pack.info = DatasetInfoFromText(manifest.at("info").dump());
  pack.warnings = manifest.at("warnings");
  pack.offset = manifest.at("offset").get<std::vector<double>>();
  pack.summary = StepSummary::FromJson(manifest.at("summary"));
  pack.summary.episodes = ReadRows(folder / "episodes.bin", manifest.at("episodes"));
  // Each file must have exactly the size that these counts say.
  const auto rows = static_cast<size_t>(pack.summary.steps);
  pack.observations =
      MappedFile(folder / "observations.f32", rows * pack.info.observation_size * sizeof(float));
  pack.actions = MappedFile(folder / "actions.f32", rows * pack.info.action_size * sizeof(float));
  pack.rewards = MappedFile(folder / "rewards.f32", rows * sizeof(float));
  pack.final_observations =
      MappedFile(folder / "final_observations.f32",
                 pack.summary.episodes.size() * pack.info.observation_size * sizeof(float));
  return pack;
}

/// What a data set consists of.
struct SourceFiles {
  fs::path root;
  std::vector<fs::path> paths;
};

/// One file, or all that a folder holds; sorted, because a folder lists them in any order.
SourceFiles FilesOf(const std::string& path_with_options) {
  const std::string source = SourceFile(path_with_options);
  // A name without a folder is one of the current folder, whose empty path is not absolute.
  if (!fs::is_directory(source)) return {fs::absolute(source).parent_path(), {source}};
  SourceFiles files{source, {}};
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    if (entry.is_regular_file()) files.paths.push_back(entry.path());
  }
  std::ranges::sort(files.paths);
  return files;
}

/// Names, sizes and times.
json IdentityOf(const SourceFiles& source) {
  const fs::path root = fs::absolute(source.root);
  json files = json::array();
  for (const fs::path& path : source.paths) {
    files.push_back(
        json::array({fs::absolute(path).lexically_relative(root).string(), fs::file_size(path),
                     fs::last_write_time(path).time_since_epoch().count()}));
  }
  return {{"version", kVersion}, {"files", files}};
}

void Make(const std::string& source, const fs::path& folder, const PackOptions& options) {
  const fs::path partial = folder.string() + ".partial";
  std::error_code error;
  fs::create_directories(partial, error);
  if (error) {
    Fail(partial,
         "a folder that can be written (data.cache names another place), got " + error.message());
  }
  // Of processes that need the same pack one makes it; the others wait and find it.
  File lock(partial / "lock", O_CREAT | O_RDWR | O_CLOEXEC);
  lock.Lock();
  if (HasPack(source, options)) return;  // another process was faster
  const std::unique_ptr<EpisodeReader> reader = OpenDataset(source);
  Packer(partial, *reader, SourceIdentity(source), options).Run();
  // What is there is a pack of the source before it changed.
  fs::remove_all(folder);
  fs::rename(partial, folder);
}

}  // namespace

json SourceIdentity(const std::string& path) {
  SourceFiles source = FilesOf(path);
  json identity = IdentityOf(source);
  source.paths = FindOtherFiles(source.paths);
  identity["others"] = IdentityOf(source)["files"];
  return identity;
}

fs::path PackFolder(const std::string& source, const PackOptions& options) {
  fs::path path = fs::absolute(WithSourceFile(source)).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "set/"
  if (options.folder.empty()) return path.string() + ".packed";
  // The name alone would not tell two sources apart.
  const size_t place = std::hash<std::string>()(path.parent_path().string());
  return options.folder / (path.filename().string() + "-" + std::to_string(place) + ".packed");
}

bool HasPack(const std::string& source, const PackOptions& options) {
  const json manifest = ReadJson(PackFolder(source, options) / "manifest.json");
  if (!manifest.is_object() || !fs::exists(SourceFile(source))) return false;
  const json made_from = manifest.value("source", json());
  if (!made_from.is_object()) return false;
  // Quick way: as long as the files are the same, they take values from no others, or from some.
  json files = IdentityOf(FilesOf(source));
  files["others"] = json::array();
  return made_from == files || (made_from.value("files", json()) == files["files"] &&
                                made_from == SourceIdentity(source));
}

Pack OpenPack(const std::string& source, const PackOptions& options) {
  const fs::path folder = PackFolder(source, options);
  if (!HasPack(source, options)) Make(source, folder, options);
  return Map(folder);
}

}  // namespace longplay
