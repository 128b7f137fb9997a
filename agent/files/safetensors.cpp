// SPDX-License-Identifier: MIT
#include "agent/files/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/files/safetensors_header.h"

namespace longplay {
namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // [bytes] as the reference implementation allows
constexpr std::array<std::pair<const char*, torch::ScalarType>, 8> kTorchTypes = {
    {{"F32", torch::kFloat32},
     {"F64", torch::kFloat64},
     {"F16", torch::kFloat16},
     {"BF16", torch::kBFloat16},
     {"I64", torch::kInt64},
     {"I32", torch::kInt32},
     {"U8", torch::kUInt8},
     {"BOOL", torch::kBool}}};

std::string TypeName(torch::ScalarType type) {
  for (const auto& [name, known] : kTorchTypes) {
    if (known == type) return name;
  }
  throw std::invalid_argument(std::string("writing weights: dtype: expected a known one, got ") +
                              c10::toString(type));
}

torch::ScalarType TypeOf(const std::string& name) {
  const auto* found =
      std::ranges::find_if(kTorchTypes, [&](const auto& t) { return name == t.first; });
  TORCH_CHECK(found != kTorchTypes.end(), "reading weights: expected a known dtype, got ", name);
  return found->second;
}

}  // namespace

void WriteSafetensors(const std::string& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata) {
  // Layout: length of the header (8 bytes), header (JSON), values.
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
  if (!file) FailReadingWeights(path, "a readable file", "none");
  const uint64_t file_size = std::filesystem::file_size(path);
  // The length is not trusted: it could ask for any amount of memory.
  uint64_t header_size = 0;
  file.read(reinterpret_cast<char*>(&header_size), sizeof header_size);
  if (!file || header_size > kMaxHeader || header_size + 8 > file_size) {
    FailReadingWeights(path, "a safetensors header", "a damaged or truncated file");
  }
  std::string text(header_size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(header_size));
  // Places and sizes were checked against the file's.
  TensorMap tensors;
  for (const SafetensorsEntry& entry :
       ParseSafetensorsHeader(text, file_size - 8 - header_size, path)) {
    torch::Tensor tensor = torch::empty(entry.shape, TypeOf(entry.type));
    file.seekg(static_cast<std::streamoff>(8 + header_size + entry.begin));
    file.read(static_cast<char*>(tensor.mutable_data_ptr()),
              static_cast<std::streamsize>(tensor.nbytes()));
    if (!file) FailReadingWeights(path, "the values of " + entry.name, "a truncated file");
    tensors[entry.name] = tensor;
  }
  return tensors;
}

}  // namespace longplay
