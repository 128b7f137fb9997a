// SPDX-License-Identifier: MIT
#include "agent/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace longplay {
namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // [bytes] as the reference implementation allows
constexpr std::array<std::pair<const char*, torch::ScalarType>, 4> kTypes = {
    {{"F32", torch::kFloat32},
     {"F64", torch::kFloat64},
     {"I64", torch::kInt64},
     {"U8", torch::kUInt8}}};

std::string TypeName(torch::ScalarType type) {
  for (const auto& [name, known] : kTypes) {
    if (known == type) return name;
  }
  throw std::invalid_argument("writing weights: expected float32, float64, int64 or uint8 tensors");
}

[[noreturn]] void Fail(const std::string& path, const std::string& expected,
                       const std::string& got) {
  throw std::runtime_error("reading weights: " + path + ": expected " + expected + ", got " + got);
}

torch::ScalarType TypeOf(const std::string& path, const std::string& name) {
  for (const auto& [known, type] : kTypes) {
    if (name == known) return type;
  }
  Fail(path, "dtype F32, F64, I64 or U8", name);
}

/// One entry of the header, checked against the size of the data that follow it.
struct Entry {
  torch::ScalarType type;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

Entry ParseEntry(const std::string& path, const std::string& name, const nlohmann::json& json,
                 uint64_t data_size) {
  Entry entry{.type = TypeOf(path, json.at("dtype").get<std::string>()), .shape = {}};
  entry.begin = json.at("data_offsets").at(0).get<uint64_t>();
  entry.end = json.at("data_offsets").at(1).get<uint64_t>();
  uint64_t bytes = c10::elementSize(entry.type);
  for (const nlohmann::json& size : json.at("shape")) {
    if (!size.is_number_unsigned()) Fail(path, "sizes of " + name + " from 0", size.dump());
    entry.shape.push_back(size.get<int64_t>());
    const uint64_t next = bytes * size.get<uint64_t>();
    if (entry.shape.back() != 0 && next / size.get<uint64_t>() != bytes) {
      Fail(path, "a shape of " + name + " that fits the file", json.at("shape").dump());
    }
    bytes = next;
  }
  if (entry.begin > entry.end || entry.end > data_size || entry.end - entry.begin != bytes) {
    Fail(path, std::to_string(bytes) + " bytes of " + name + " inside the file",
         json.at("data_offsets").dump());
  }
  return entry;
}

void CheckNoOverlap(const std::string& path, const std::vector<Entry>& entries) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const Entry& entry : entries) ranges.emplace_back(entry.begin, entry.end);
  std::ranges::sort(ranges);
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second) Fail(path, "tensors side by side", "an overlap");
  }
}

}  // namespace

void WriteSafetensors(const std::string& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  std::vector<torch::Tensor> contents;
  for (const auto& [name, tensor] : tensors) {
    contents.push_back(tensor.detach().to(torch::kCPU).contiguous());
    const uint64_t end = offset + contents.back().nbytes();
    header[name] = {{"dtype", TypeName(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data start aligned
  const uint64_t size = text.size();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&size), sizeof size);
  file.write(text.data(), static_cast<std::streamsize>(size));
  for (const torch::Tensor& tensor : contents) {
    file.write(static_cast<const char*>(tensor.const_data_ptr()),
               static_cast<std::streamsize>(tensor.nbytes()));
  }
  if (!file.flush()) {
    throw std::runtime_error("writing weights: " + path + ": expected room on disk, got an error");
  }
}

TensorMap ReadSafetensors(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Fail(path, "a readable file", "none");
  const uint64_t file_size = std::filesystem::file_size(path);
  uint64_t header_size = 0;
  file.read(reinterpret_cast<char*>(&header_size), sizeof header_size);
  if (!file || header_size > kMaxHeader || header_size + 8 > file_size) {
    Fail(path, "a safetensors header", "a damaged or truncated file");
  }
  std::string text(header_size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(header_size));
  const nlohmann::json header = nlohmann::json::parse(text, nullptr, false);
  if (!header.is_object()) Fail(path, "a JSON header", "something else");
  const uint64_t data_size = file_size - 8 - header_size;
  std::vector<std::string> names;
  std::vector<Entry> entries;
  try {
    for (const auto& [name, json] : header.items()) {
      if (name == "__metadata__") continue;
      names.push_back(name);
      entries.push_back(ParseEntry(path, name, json, data_size));
    }
  } catch (const nlohmann::json::exception& error) {
    Fail(path, "dtype, shape and data_offsets for every tensor", error.what());
  }
  CheckNoOverlap(path, entries);
  TensorMap tensors;
  for (size_t i = 0; i < names.size(); ++i) {
    torch::Tensor tensor = torch::empty(entries[i].shape, entries[i].type);
    file.seekg(static_cast<std::streamoff>(8 + header_size + entries[i].begin));
    file.read(static_cast<char*>(tensor.mutable_data_ptr()),
              static_cast<std::streamsize>(tensor.nbytes()));
    if (!file) Fail(path, "the values of " + names[i], "a truncated file");
    tensors[names[i]] = tensor;
  }
  return tensors;
}

}  // namespace longplay
