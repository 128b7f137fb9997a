// SPDX-License-Identifier: MIT
#include "agent/files/tensorboard_writer.h"

#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace longplay {
namespace {

/// CRC-32C (Castagnoli), reflected, bit by bit into a table.
uint32_t Crc32c(const std::string& bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> values{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78U : 0);
      values[i] = value;
    }
    return values;
  }();
  uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) crc = table[(crc ^ static_cast<uint8_t>(byte)) & 0xFF] ^ (crc >> 8);
  return crc ^ 0xFFFFFFFFU;
}

uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U; }

template <typename T>
std::string Bytes(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

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

}  // namespace

TensorBoardWriter::TensorBoardWriter(const std::string& folder, int64_t first_step)
    : file_(folder + "/events.out.tfevents." + std::to_string(static_cast<int64_t>(Now())) +
                ".longplay." + std::to_string(first_step),
            std::ios::binary | std::ios::trunc) {
  if (!file_) {
    throw std::runtime_error("writing events: " + folder +
                             ": expected a writable folder, got none");
  }
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
