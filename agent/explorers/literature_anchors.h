// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "agent/collect_work/explorer.h"
#include "env/environment.h"

namespace longplay {

// Policies that learn nothing: marks that a learnt policy's returns are read by.
//
//   still           does nothing: actions of 0; on a grid, stay
//   oracle          is told what is hidden and goes straight there
//   any_way         the same by any shortest way on a grid, drawn at every step
//   waypoints       on a grid: to one random cell after another, the goal being none of its business
//   triangulation   point-robot: one step in x, one in y, then where the circles of the two rewards
//                   meet; of the two places first the one that is nearer to the side it came from

/// Whether `id` is a task that the anchor of this name can play.
bool AnchorHandles(const std::string& anchor, const std::string& id);

/// The ids whose tasks it can play, for messages.
std::string AnchorTasks(const std::string& anchor);

/// Plays in all simulations of `environment`, which must outlive it. Throws std::invalid_argument
/// when it cannot play that task.
std::unique_ptr<Explorer> MakeAnchor(const std::string& anchor, const Environment& environment);

/// Point-Robot's best action at `position`: along each axis as far as it goes.
std::array<double, 2> GoStraight(std::span<const double> position, std::span<const double> goal);

/// Where a point at `position` has distance `distance` to the goal, seen from two places: the two
/// points with those distances to both places, the one to the left of the way first.
std::array<std::array<double, 2>, 2> MeetingPoints(const std::array<double, 2>& first,
                                                   double first_distance,
                                                   const std::array<double, 2>& second,
                                                   double second_distance);

}  // namespace longplay
