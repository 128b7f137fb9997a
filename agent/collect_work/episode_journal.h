// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/episode.h"

namespace longplay {

/// One episode as it was played.
struct JournalEntry {
  Episode episode;        // with its history; of length 0 when its first step diverged
  bool diverged = false;  // in a last step, which is left out
  // Of a learner only:
  int64_t simulation = 0;     // where it was played
  int64_t first_round = 0;    // decisions of that simulation before the episode, idle ones included
  std::vector<float> shares;  // [N, A] the actions in [-1, 1], as the learner chose them
};

/// Where an entry lies, and what is asked of it most often.
struct JournalPlace {
  int64_t offset = 0, bytes = 0;  // of its contents in the file
  int64_t history = 0, length = 0;
  int64_t simulation = 0, first_round = 0;
  double episode_return = 0;
};

/// A file of episodes that grows, and that a kill at any moment leaves readable.
///
///   entry = bytes of the contents [uint64] │ their CRC-32C [uint32] │ contents
///
/// An entry that is not whole is cut off when the file is opened again. For one thread at a time.
/// Throws std::runtime_error "keeping what is recorded: <file>: expected X, got Y".
class EpisodeJournal {
 public:
  /// Opens the file or makes it. Given `bytes`, what came after the first so many is forgotten.
  explicit EpisodeJournal(const std::string& path, std::optional<int64_t> bytes = {});
  EpisodeJournal(const EpisodeJournal&) = delete;
  EpisodeJournal& operator=(const EpisodeJournal&) = delete;
  ~EpisodeJournal();

  /// With the operating system when it returns: a kill of this process takes it no more.
  void Append(const JournalEntry& entry);
  /// On the disk when it returns.
  void Flush() const;

  const std::vector<JournalPlace>& places() const { return places_; }  // in the order of Append
  JournalEntry Read(const JournalPlace& place) const;
  /// The episodes that have steps, history after history.
  void ForEach(const std::function<void(const Episode&)>& visit) const;

  int64_t bytes() const { return bytes_; }  // of whole entries
  int64_t steps() const { return steps_; }  // of all episodes

 private:
  struct Unread {};
  EpisodeJournal(Unread, const std::string& path);

  void Scan();
  void CutTo(int64_t bytes);
  std::string ReadBytes(int64_t offset, int64_t count) const;
  void AddPlace(int64_t offset, int64_t bytes, const JournalEntry& entry);
  [[noreturn]] void Fail(const std::string& expected, const std::string& got) const;

  std::string path_;
  int descriptor_ = -1;
  int64_t bytes_ = 0, steps_ = 0;
  std::vector<JournalPlace> places_;
};

}  // namespace longplay
