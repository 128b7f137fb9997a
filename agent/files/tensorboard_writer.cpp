// SPDX-License-Identifier: MIT
#include "agent/files/tensorboard_writer.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "agent/files/crc32c.h"

namespace longplay {
namespace {

/// TensorFlow's mask: a checksum of bytes that hold a checksum would be a weak one.
uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U; }

template <typename T>
std::string Bytes(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// Protobuf: seven bits a byte, the lowest first; the top bit says that more follow.
std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}

// Protobuf fields: a tag of (number << 3 | wire type), then the value.
std::string DoubleField(int number, double value) { return Varint(number << 3 | 1) + Bytes(value); }
std::string FloatField(int number, float value) { return Varint(number << 3 | 5) + Bytes(value); }
std::string IntegerField(int number, int64_t value) {
  return Varint(number << 3) + Varint(static_cast<uint64_t>(value));
}
std::string BytesField(int number, const std::string& value) {
  return Varint(number << 3 | 2) + Varint(value.size()) + value;
}

double Now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

constexpr char kNameStart[] = "events.out.tfevents.";

/// Reads a varint from bytes[at], and moves `at` behind it.
uint64_t ReadVarint(const std::string& bytes, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0; at < bytes.size() && shift < 64; shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes[at++]);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

/// The step of an event that this file's writer made: 0 if it has none.
int64_t StepOf(const std::string& event) {
  constexpr uint64_t kWallTime = 1 << 3 | 1, kStep = 2 << 3;
  size_t at = 0;
  while (at < event.size()) {
    const uint64_t tag = ReadVarint(event, at);
    if (tag == kStep) return static_cast<int64_t>(ReadVarint(event, at));
    if (tag != kWallTime) return 0;
    at += sizeof(double);
  }
  return 0;
}

/// [bytes] of `path` before the first event after `last_step`, or before one that is not whole.
uint64_t LengthUpTo(const std::string& path, int64_t last_step) {
  std::ifstream file(path, std::ios::binary);
  uint64_t whole = 0;
  for (;;) {
    // A record: length, its checksum, event, its checksum.
    uint64_t size = 0;
    uint32_t check = 0;
    file.read(reinterpret_cast<char*>(&size), sizeof size);
    file.read(reinterpret_cast<char*>(&check), sizeof check);
    if (!file || check != Masked(Crc32c(Bytes(size)))) return whole;
    std::string event(size, '\0');
    file.read(event.data(), static_cast<std::streamsize>(size));
    file.read(reinterpret_cast<char*>(&check), sizeof check);
    if (!file || check != Masked(Crc32c(event)) || StepOf(event) > last_step) return whole;
    whole += sizeof size + size + 2 * sizeof check;
  }
}

void CutEventsAfter(const std::string& folder, int64_t last_step) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    // Our own files only: others may write into the same folder.
    const std::string name = entry.path().filename();
    if (!name.starts_with(kNameStart) || name.find(".longplay.") == std::string::npos) continue;
    const uint64_t length = LengthUpTo(entry.path(), last_step);
    if (length < entry.file_size()) std::filesystem::resize_file(entry.path(), length);
  }
}

}  // namespace

TensorBoardWriter::TensorBoardWriter(const std::string& folder, int64_t first_step)
    : file_(folder + "/" + kNameStart + std::to_string(static_cast<int64_t>(Now())) + ".longplay." +
                std::to_string(first_step),
            std::ios::binary | std::ios::trunc) {
  if (!file_) {
    throw std::runtime_error("writing events: " + folder +
                             ": expected a writable folder, got none");
  }
  // A resumed run writes the steps after its checkpoint anew.
  CutEventsAfter(folder, first_step);
  // Event: wall_time = 1, step = 2, file_version = 3, summary = 5.
  WriteRecord(DoubleField(1, Now()) + BytesField(3, "brain.Event:2"));
}

void TensorBoardWriter::Write(const std::string& tag, int64_t step, double value) {
  // Summary.value = 1 { tag = 1, simple_value = 2 }.
  const std::string scalar = BytesField(1, tag) + FloatField(2, static_cast<float>(value));
  WriteRecord(DoubleField(1, Now()) + IntegerField(2, step) + BytesField(5, BytesField(1, scalar)));
}

void TensorBoardWriter::WriteRecord(const std::string& event) {
  const std::string length = Bytes<uint64_t>(event.size());
  file_ << length << Bytes(Masked(Crc32c(length))) << event << Bytes(Masked(Crc32c(event)));
}

void TensorBoardWriter::Flush() { file_.flush(); }

}  // namespace longplay
