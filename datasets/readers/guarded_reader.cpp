// SPDX-License-Identifier: MIT
#include "datasets/readers/guarded_reader.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "datasets/checks/lint.h"
#include "datasets/formats/dataset_info_json.h"

namespace longplay {
namespace {

using nlohmann::json;

// First byte of a request; after those of one episode stands its index (8 bytes).
constexpr char kSurvey = 's', kRead = 'r', kExtras = 'x', kPhysics = 'p', kWarnings = 'w';

/// Puts values one after another, as this machine has them in memory: both ends are the same program.
class Packed {
 public:
  explicit Packed(std::string& bytes) : bytes_(bytes) {}
  template <typename Value>
  void Put(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <typename Value>
  void PutAll(const std::vector<Value>& values) {
    Put(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value));
  }
  void PutText(const std::string& text) {
    Put(text.size());
    bytes_ += text;
  }

 private:
  std::string& bytes_;
};

/// Takes them out again, in the same order. The child has read a damaged file: sizes are checked.
class Unpacked {
 public:
  explicit Unpacked(const std::string& bytes) : bytes_(bytes) {}

  template <typename Value>
  void Get(Value& value) {
    std::memcpy(&value, Next(sizeof value), sizeof value);
  }
  template <typename Value>
  void GetAll(std::vector<Value>& values) {
    size_t size = 0;
    Get(size);
    if (size > bytes_.size()) Fail();
    const char* next = Next(size * sizeof(Value));
    values.resize(size);
    if (size > 0) std::memcpy(values.data(), next, size * sizeof(Value));
  }
  std::string GetText() {
    size_t size = 0;
    Get(size);
    return {Next(size), size};
  }

 private:
  [[noreturn]] static void Fail() {
    throw std::runtime_error("reading data: expected a whole answer, got a part of it");
  }
  const char* Next(size_t size) {
    if (size > bytes_.size() - at_) Fail();
    return bytes_.data() + std::exchange(at_, at_ + size);
  }

  const std::string& bytes_;
  size_t at_ = 0;
};

void Pack(const Episode& episode, std::string& bytes) {
  Packed packed(bytes);
  packed.Put(episode.observation_size);
  packed.Put(episode.action_columns);
  packed.Put(episode.terminated);
  packed.Put(episode.truncated);
  packed.Put(episode.history);
  packed.PutAll(episode.observations);
  packed.PutAll(episode.actions);
  packed.PutAll(episode.rewards);
}

void Unpack(const std::string& bytes, Episode& episode) {
  Unpacked packed(bytes);
  packed.Get(episode.observation_size);
  packed.Get(episode.action_columns);
  packed.Get(episode.terminated);
  packed.Get(episode.truncated);
  packed.Get(episode.history);
  packed.GetAll(episode.observations);
  packed.GetAll(episode.actions);
  packed.GetAll(episode.rewards);
}

void Pack(const EpisodeExtras& extras, std::string& bytes) {
  Packed packed(bytes);
  packed.Put(extras.seed.has_value());
  packed.Put(extras.seed.value_or(0));
  packed.Put(extras.infos.size());
  for (const auto& [name, info] : extras.infos) {
    packed.PutText(name);
    packed.PutText(info.type);
    packed.PutAll(info.row_shape);
    packed.PutAll(info.values);
  }
  packed.Put(extras.left_out.size());
  for (const std::string& name : extras.left_out) packed.PutText(name);
}

EpisodeExtras UnpackExtras(const std::string& bytes) {
  Unpacked packed(bytes);
  EpisodeExtras extras;
  bool has_seed = false;
  uint64_t seed = 0;
  packed.Get(has_seed);
  packed.Get(seed);
  if (has_seed) extras.seed = seed;
  size_t count = 0;
  packed.Get(count);
  for (size_t k = 0; k < count; ++k) {
    InfoArray& info = extras.infos[packed.GetText()];
    info.type = packed.GetText();
    packed.GetAll(info.row_shape);
    packed.GetAll(info.values);
  }
  packed.Get(count);
  for (size_t k = 0; k < count; ++k) extras.left_out.push_back(packed.GetText());
  return extras;
}

void Pack(const RecordedPhysics& physics, std::string& bytes) {
  Packed packed(bytes);
  packed.Put(physics.columns);
  packed.PutAll(physics.rows);
}

RecordedPhysics UnpackPhysics(const std::string& bytes) {
  Unpacked packed(bytes);
  RecordedPhysics physics;
  packed.Get(physics.columns);
  packed.GetAll(physics.rows);
  return physics;
}

// Names in a damaged file may be no UTF-8.
std::string ToText(const std::vector<Problem>& warnings) {
  json texts = json::array();
  for (const Problem& warning : warnings) texts.push_back({warning.where, warning.problem});
  return texts.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What the child does.
class Server {
 public:
  explicit Server(std::function<std::unique_ptr<FormatReader>()> make) : make_(std::move(make)) {}

  void Serve(const std::string& request, std::string& answer, const std::function<void()>& alive) {
    int64_t index = 0;
    if (request.size() > 1) std::memcpy(&index, request.data() + 1, sizeof index);
    switch (request[0]) {
      case kSurvey:
        reader_ = make_();
        reader_->Survey(log_, alive);
        lint_ = std::make_unique<Lint>(reader_->info());
        seen_.assign(reader_->info().episodes, false);
        answer = longplay::ToText(reader_->info());
        break;
      case kRead:
        Read(index, answer);
        break;
      case kExtras:
        Pack(reader_->ReadExtras(index), answer);
        break;
      case kPhysics:
        Pack(reader_->ReadPhysics(index), answer);
        break;
      default:
        answer = ToText(log_.problems());
    }
  }

 private:
  void Read(int64_t index, std::string& answer) {
    reader_->Load(index, episode_, log_);
    // Each episode is looked at once, and all of them together when the last one was.
    if (!seen_[index]) {
      seen_[index] = true;
      LintEpisode(*reader_, index, episode_, *lint_, log_);
      if (++count_ == reader_->info().episodes) lint_->Finish(log_);
    }
    Pack(episode_, answer);
  }

  std::function<std::unique_ptr<FormatReader>()> make_;
  std::unique_ptr<FormatReader> reader_;
  ProblemLog log_{ProblemLog::Mode::kThrowFirstError};
  std::unique_ptr<Lint> lint_;
  std::vector<bool> seen_;
  int64_t count_ = 0;
  Episode episode_;
};

class GuardedReader : public EpisodeReader {
 public:
  GuardedReader(std::string path, const GuardLimits& limits,
                const std::function<std::unique_ptr<FormatReader>()>& make)
      : path_(std::move(path)),
        process_(limits, [server = std::make_shared<Server>(make)](
                             const std::string& request, std::string& answer,
                             const std::function<void()>& alive) {
          server->Serve(request, answer, alive);
        }) {
    info_ = DatasetInfoFromText(Ask(kSurvey));
  }

  const DatasetInfo& info() const override { return info_; }
  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override {
    Unpack(AskFor(kRead, index), episode);
  }
  EpisodeExtras ReadExtras(int64_t index) const override {
    return UnpackExtras(AskFor(kExtras, index));
  }
  RecordedPhysics ReadPhysics(int64_t index) const override {
    return UnpackPhysics(AskFor(kPhysics, index));
  }
  std::vector<Problem> Warnings() const override {
    std::vector<Problem> warnings;
    for (const json& text : json::parse(Ask(kWarnings))) {
      warnings.push_back({Severity::kWarning, text[0], text[1]});
    }
    return warnings;
  }

 private:
  const std::string& AskFor(char kind, int64_t index) const {
    if (index < 0 || index >= info_.episodes) {
      throw std::out_of_range("reading data: " + path_ + ": expected an episode from 0 to " +
                              std::to_string(info_.episodes - 1) + ", got " +
                              std::to_string(index));
    }
    std::string request(1 + sizeof index, kind);
    std::memcpy(request.data() + 1, &index, sizeof index);
    return Ask(request);
  }
  const std::string& Ask(char kind) const { return Ask(std::string(1, kind)); }
  const std::string& Ask(const std::string& request) const {
    const GuardedResult& result = process_.Ask(request);
    if (result.finished) return result.text;
    // An error of a check names its place; a crash or a silence has only a reason.
    const bool explained = result.text.starts_with("reading data: ");
    throw std::runtime_error(explained ? result.text
                                       : "reading data: " + path_ +
                                             ": expected a readable file, got " + result.text);
  }

  std::string path_;
  mutable GuardedProcess process_;
  DatasetInfo info_;
};

}  // namespace

std::unique_ptr<EpisodeReader> OpenGuarded(
    const std::string& path, const GuardLimits& limits,
    const std::function<std::unique_ptr<FormatReader>()>& make) {
  return std::make_unique<GuardedReader>(path, limits, make);
}

}  // namespace longplay
