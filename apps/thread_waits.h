// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// Lets the threads of OpenMP fall asleep soon after they run out of work, as a process wants that
/// shares its machine: by default they spin for milliseconds, and on two cores of which another
/// process keeps one busy a step over one long chain then takes fifty times as long.
///
/// The library reads how long to spin before main() begins. So the program starts itself again, with
/// GOMP_SPINCOUNT set; nothing else changes, its process id neither. Does nothing where the user has
/// set GOMP_SPINCOUNT or OMP_WAIT_POLICY, where OMP_NUM_THREADS is 1, and for commands (the first of
/// the arguments) that do not compute. `arguments` as main() has them, with the null behind the last.
void LetThreadsSleep(char** arguments);

}  // namespace longplay
