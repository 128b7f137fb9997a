// SPDX-License-Identifier: MIT
#include "agent/collect_work/episode_journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "agent/files/crc32c.h"

namespace longplay {
namespace {

constexpr int64_t kHead = 12;  // [bytes] before the contents: their number and checksum
// [bytes] of the shortest contents: eight numbers and the lengths of four lists.
constexpr uint64_t kLeastContents = 12 * sizeof(int64_t);

template <typename T>
void Put(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void PutAll(std::string& bytes, const std::vector<T>& values) {
  Put(bytes, static_cast<uint64_t>(values.size()));
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

std::string Contents(const JournalEntry& entry) {
  const Episode& episode = entry.episode;
  std::string bytes;
  // Numbers of fixed size, then lists, each behind its length.
  for (const int64_t number :
       {episode.history, entry.simulation, entry.first_round, episode.observation_size,
        episode.action_columns, int64_t{episode.terminated}, int64_t{episode.truncated},
        int64_t{entry.diverged}}) {
    Put(bytes, number);
  }
  PutAll(bytes, episode.observations);
  PutAll(bytes, episode.actions);
  PutAll(bytes, episode.rewards);
  PutAll(bytes, entry.shares);
  return bytes;
}

/// Takes numbers from the front of some bytes, whose checksum was right.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Take() {
    T value;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  template <typename T>
  std::vector<T> TakeAll() {
    std::vector<T> values(Take<uint64_t>());
    if (!values.empty()) std::memcpy(values.data(), bytes_.data(), values.size() * sizeof(T));
    bytes_.remove_prefix(values.size() * sizeof(T));
    return values;
  }

 private:
  std::string_view bytes_;
};

JournalEntry EntryOf(std::string_view contents) {
  Reader reader(contents);
  JournalEntry entry;
  Episode& episode = entry.episode;
  // In the order of Contents.
  for (int64_t* number : {&episode.history, &entry.simulation, &entry.first_round,
                          &episode.observation_size, &episode.action_columns}) {
    *number = reader.Take<int64_t>();
  }
  for (bool* flag : {&episode.terminated, &episode.truncated, &entry.diverged}) {
    *flag = reader.Take<int64_t>() != 0;
  }
  episode.observations = reader.TakeAll<double>();
  episode.actions = reader.TakeAll<double>();
  episode.rewards = reader.TakeAll<double>();
  entry.shares = reader.TakeAll<float>();
  return entry;
}

}  // namespace

EpisodeJournal::EpisodeJournal(Unread, const std::string& path) : path_(path) {
  constexpr int kOwnerWrites = 0644;
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerWrites);
  if (descriptor_ < 0) Fail("a file to write in", std::strerror(errno));
}

EpisodeJournal::EpisodeJournal(const std::string& path, std::optional<int64_t> bytes)
    : EpisodeJournal(Unread(), path) {
  struct stat status = {};
  fstat(descriptor_, &status);
  // Shorter than its reader remembers: episodes are lost.
  if (bytes && *bytes > status.st_size) {
    Fail(std::to_string(*bytes) + " bytes", std::to_string(status.st_size));
  }
  if (bytes) CutTo(*bytes);
  Scan();
  if (bytes && bytes_ != *bytes) {
    Fail(std::to_string(*bytes) + " bytes of whole entries", std::to_string(bytes_));
  }
  // The next entry follows the last whole one, not what a kill left of another.
  CutTo(bytes_);
}

EpisodeJournal::~EpisodeJournal() {
  if (descriptor_ >= 0) close(descriptor_);
}

void EpisodeJournal::Fail(const std::string& expected, const std::string& got) const {
  throw std::runtime_error("keeping what is recorded: " + path_ + ": expected " + expected +
                           ", got " + got);
}

void EpisodeJournal::CutTo(int64_t bytes) {
  if (ftruncate(descriptor_, bytes) != 0) Fail("a file to cut", std::strerror(errno));
}

/// Finds the entries that are whole.
void EpisodeJournal::Scan() {
  struct stat status = {};
  fstat(descriptor_, &status);
  while (bytes_ + kHead <= status.st_size) {
    const std::string head_bytes = ReadBytes(bytes_, kHead);
    Reader head(head_bytes);
    const auto count = head.Take<uint64_t>();
    const auto checksum = head.Take<uint32_t>();
    // The first entry that is not whole ends the journal. What a power loss left may be zeros, and
    // zero is the checksum of nothing.
    if (count < kLeastContents) return;
    if (count > static_cast<uint64_t>(status.st_size - bytes_ - kHead)) return;
    const std::string contents = ReadBytes(bytes_ + kHead, static_cast<int64_t>(count));
    if (Crc32c(contents) != checksum) return;
    AddPlace(bytes_ + kHead, static_cast<int64_t>(count), EntryOf(contents));
  }
}

std::string EpisodeJournal::ReadBytes(int64_t offset, int64_t count) const {
  std::string bytes(count, '\0');
  for (int64_t done = 0; done < count;) {
    const ssize_t got = pread(descriptor_, bytes.data() + done, count - done, offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) Fail(std::to_string(count) + " bytes", std::to_string(done));
    done += got;
  }
  return bytes;
}

void EpisodeJournal::AddPlace(int64_t offset, int64_t bytes, const JournalEntry& entry) {
  const Episode& episode = entry.episode;
  places_.push_back(
      {.offset = offset,
       .bytes = bytes,
       .history = episode.history,
       .length = episode.length(),
       .simulation = entry.simulation,
       .first_round = entry.first_round,
       .episode_return = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0)});
  bytes_ = offset + bytes;
  steps_ += episode.length();
}

void EpisodeJournal::Append(const JournalEntry& entry) {
  const std::string contents = Contents(entry);
  std::string bytes;
  Put(bytes, static_cast<uint64_t>(contents.size()));
  Put(bytes, Crc32c(contents));
  bytes += contents;
  // The system may take less than it is given, or be interrupted.
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t got = pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                               bytes_ + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) Fail("room to write", std::strerror(errno));
    done += got;
  }
  AddPlace(bytes_ + kHead, static_cast<int64_t>(contents.size()), entry);
}

void EpisodeJournal::Flush() const {
  if (fdatasync(descriptor_) != 0) Fail("a disk to write to", std::strerror(errno));
}

JournalEntry EpisodeJournal::Read(const JournalPlace& place) const {
  return EntryOf(ReadBytes(place.offset, place.bytes));
}

void EpisodeJournal::ForEach(const std::function<void(const Episode&)>& visit) const {
  std::vector<JournalPlace> ordered = places_;
  // Side by side histories end in any order; stable: each keeps the order of its episodes.
  std::ranges::stable_sort(ordered, {}, &JournalPlace::history);
  for (const JournalPlace& place : ordered) {
    if (place.length > 0) visit(Read(place).episode);
  }
}

}  // namespace longplay
