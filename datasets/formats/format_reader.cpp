// SPDX-License-Identifier: MIT
#include "datasets/formats/format_reader.h"

#include <exception>

#include "datasets/checks/float32_check.h"

namespace longplay {

void FormatReader::Read(int64_t index, Episode& episode) const {
  ProblemLog log(ProblemLog::Mode::kThrowFirstError);
  Load(index, episode, log);
}

void LintEpisode(const FormatReader& reader, int64_t index, const Episode& episode, Lint& lint,
                 ProblemLog& log) {
  lint.Add(index, episode, log);
  try {
    lint.AddStates(index, reader.StatesToCheck(index), episode.length());
  } catch (const std::exception&) {
    // States that cannot be read are nothing that training needs: who replays them is told.
  }
}

void SurveyAll(FormatReader& reader, ProblemLog& log, const std::function<void()>& alive) {
  reader.Survey(log, alive);
  Lint lint(reader.info());
  Episode episode;
  for (int64_t e = 0; e < reader.info().episodes; ++e) {
    const size_t errors = log.errors();
    log.Attempt([&] { reader.Load(e, episode, log); });
    if (log.errors() == errors) {
      log.Attempt([&] { CheckFloat32(reader.info().path, e, episode); });
      LintEpisode(reader, e, episode, lint, log);
    }
    alive();
  }
  lint.Finish(log);
}

}  // namespace longplay
