// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace longplay {

/// The float32 tensors of a safetensors file in tests/model/fixtures/, by name. Not a reader of
/// foreign files: it believes what the scripts beside them wrote.
inline std::map<std::string, torch::Tensor> ReadGolden(const std::string& name) {
  const std::string path = LONGPLAY_SOURCE_DIR "/tests/model/fixtures/" + name;
  std::ifstream file(path, std::ios::binary);
  TORCH_CHECK(file.good(), "reading golden numbers: ", path, ": expected a file");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  const std::string header = bytes.substr(sizeof(header_size), header_size);
  const char* data = bytes.data() + sizeof(header_size) + header_size;

  std::map<std::string, torch::Tensor> tensors;
  const std::regex entry(
      R"re("([^"]+)":\{"dtype":"F32","shape":\[([0-9,]*)\],"data_offsets":\[([0-9]+),[0-9]+\]\})re");
  for (std::sregex_iterator it(header.begin(), header.end(), entry), end; it != end; ++it) {
    std::vector<int64_t> sizes;
    std::istringstream list((*it)[2]);
    for (std::string size; std::getline(list, size, ',');) sizes.push_back(std::stoll(size));
    auto tensor = torch::empty(sizes, torch::kFloat32);
    std::memcpy(tensor.data_ptr(), data + std::stoull((*it)[3]), tensor.nbytes());
    tensors.emplace((*it)[1], tensor);
  }
  return tensors;
}

}  // namespace longplay
