# SPDX-License-Identifier: MIT
# Installs the tree; compiles every public header alone; builds docs/program against it, trains a tiny
# policy with the installed program, and compares how docs/program and `longplay eval` play it:
#   cmake -DBUILD=<build> -DSOURCE=<source> -P run.cmake
cmake_minimum_required(VERSION 3.23)
set(work "${BUILD}/install_test")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE error)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}\n${error}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# build(SOURCE NAME): in ${work}/NAME, against what was installed.
function(build source name)
  run(${CMAKE_COMMAND} -S "${SOURCE}/${source}" -B "${work}/${name}" -G Ninja ${ARGN}
      "-DCMAKE_PREFIX_PATH=${work}/prefix")
  run(${CMAKE_COMMAND} --build "${work}/${name}")
endfunction()

# expect_equal(WHAT TEXT JSON PATH...): numbers of a text, separated by blanks, equal to the last bit.
function(expect_equal what text json)
  string(JSON length LENGTH "${json}" ${ARGN})
  separate_arguments(numbers UNIX_COMMAND "${text}")
  list(LENGTH numbers count)
  if(NOT count EQUAL length)
    message(FATAL_ERROR "${what}: expected ${length} numbers, got ${text}")
  endif()
  math(EXPR last "${length} - 1")
  foreach(place RANGE ${last})
    list(GET numbers ${place} ours)
    string(JSON wanted GET "${json}" ${ARGN} ${place})
    if(NOT ours EQUAL wanted)   # as doubles
      message(FATAL_ERROR "${what}: expected ${wanted} as longplay eval has it, got ${ours}")
    endif()
  endforeach()
endfunction()

# The headers that are installed are those of the list.
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${work}/prefix")
include("${SOURCE}/cmake/public_headers.cmake")
file(GLOB_RECURSE installed RELATIVE "${work}/prefix/include/longplay"
     "${work}/prefix/include/longplay/*")
list(SORT installed)
list(SORT LONGPLAY_PUBLIC_HEADERS)
if(NOT installed STREQUAL LONGPLAY_PUBLIC_HEADERS)
  message(FATAL_ERROR "expected ${LONGPLAY_PUBLIC_HEADERS} to be installed, got ${installed}")
endif()
build(tests/install alone)
run("${work}/alone/env_alone")
if(NOT output MATCHES "environments\n.*Hopper-v5: reward .*cartpole-swingup-v0: reward .*grid-goal-v0: reward ")
  message(FATAL_ERROR "expected rewards of three tasks, got: ${output}")
endif()

# Two chains of three episodes of 20 decisions.
build(docs/program program -DCMAKE_BUILD_TYPE=Release)
set(longplay "${work}/prefix/bin/longplay")
run(${longplay} collect --env dm_control/cartpole-swingup-v0 --algorithm random --steps 200
    --action-repeat 50 --out "${work}/data.hdf5")
run(${longplay} train --data "${work}/data.hdf5" train.steps=2 model.width=16 model.heads=2
    --out "${work}/run")
run("${work}/program/program" "${work}/data.hdf5" "${work}/run" 4 3 7)
set(program "${output}")
run(${longplay} eval "${work}/run" --seeds 4 --episodes 3 --seed 7 --json)
set(eval "${output}")

if(NOT program MATCHES "data.hdf5: minari, 10 episodes, 200 steps, O = 5, A = 1, of dm_control/cartpole-swingup-v0\n"
   OR NOT program MATCHES "\n  episode 9: 20 steps, return [0-9]")
  message(FATAL_ERROR "expected the data set, got: ${program}")
endif()
string(REGEX MATCHALL "policy: [^\n]*" chains "${program}")
list(LENGTH chains count)
if(NOT count EQUAL 4)
  message(FATAL_ERROR "expected four chains, got: ${program}")
endif()
foreach(chain RANGE 3)
  list(GET chains ${chain} text)
  string(REPLACE "policy: " "" text "${text}")
  expect_equal("chain ${chain}" "${text}" "${eval}" returns ${chain})
endforeach()
if(NOT program MATCHES "policy, last episode: ([^ ]*) \\[([^,]*), ([^]]*)\\]\n")
  message(FATAL_ERROR "expected the last episode's mean, got: ${program}")
endif()
expect_equal("interval" "${CMAKE_MATCH_2} ${CMAKE_MATCH_3}" "${eval}" last ci95)
if(NOT program MATCHES "\nidle: [0-9.e-]+ [0-9.e-]+ [0-9.e-]+\n")
  message(FATAL_ERROR "expected the lambda's returns, got: ${program}")
endif()

# The C interfaces, from C.
run("${work}/alone/from_c" "${work}/data.hdf5")
if(NOT output MATCHES "^20 steps, return [0-9.]+\nreward [0-9.e-]+\n$")
  message(FATAL_ERROR "expected an episode and a reward, got: ${output}")
endif()

# What cannot be done is one line.
execute_process(COMMAND "${work}/program/program" "${work}/none.hdf5" "${work}/run" 2 3 7
                RESULT_VARIABLE status ERROR_VARIABLE error OUTPUT_QUIET)
if(NOT status EQUAL 1 OR NOT error MATCHES "^error: reading data: [^\n]*none.hdf5[^\n]*\n$")
  message(FATAL_ERROR "expected one line on a missing file, got ${status}: ${error}")
endif()

run("${work}/program/own_network" "${work}/data.hdf5")
if(NOT output MATCHES "step 0: loss ([0-9.]+)\n.*step 100: loss ([0-9.]+)\n")
  message(FATAL_ERROR "expected losses, got: ${output}")
endif()
if(NOT CMAKE_MATCH_2 LESS CMAKE_MATCH_1)
  message(FATAL_ERROR "expected a falling loss, got: ${output}")
endif()
file(REMOVE_RECURSE "${work}")
