// SPDX-License-Identifier: MIT
#include "datasets/readers/npz_reader.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "datasets/tables/npz_table.h"
#include "datasets/tables/table_reader.h"

namespace longplay {
namespace {

/// A table of arrays whose names are those of the layouts; what it leaves out is told here.
class NpzReader : public TableReader {
 public:
  using TableReader::TableReader;

  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    TableReader::Survey(log, alive);
    for (const LeftOut& array : LeftOutColumns()) {
      log.Warn(info().path + ":" + array.name,
               "left out: " + (array.why.empty() ? "not an array of the layout" : array.why));
    }
  }

  EpisodeExtras ReadExtras(int64_t index) const override {
    EpisodeExtras extras = TableReader::ReadExtras(index);
    for (const LeftOut& array : LeftOutColumns()) extras.left_out.push_back(array.name);
    return extras;
  }
};

}  // namespace

std::unique_ptr<FormatReader> OpenNpz(const std::string& path, const PathOptions& options) {
  const TableOptions columns = {.action_kind = options.actions, .states = options.states};
  return std::make_unique<NpzReader>(LoadNpzTable(path, columns), columns);
}

bool IsNpzFile(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return false;
  std::array<char, 4> bytes{};
  std::ifstream(path, std::ios::binary).read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), bytes.size());
  return start == "PK\x03\x04" || start == "PK\x05\x06";
}

}  // namespace longplay
