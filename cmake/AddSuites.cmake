# SPDX-License-Identifier: MIT
# Run after a test program is built: asks it for its suites and writes a ctest file with one test for
# each. A suite is a process: a case alone would spend most of its time loading LibTorch.
#   cmake -DPROGRAM=<program> -DPREFIX=<folder> -DLONG=<suites> -DOUTPUT=<file> -P AddSuites.cmake
cmake_minimum_required(VERSION 3.23)
execute_process(COMMAND "${PROGRAM}" --gtest_list_tests OUTPUT_VARIABLE list RESULT_VARIABLE status
                COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE ";" "," list "${list}")
string(REPLACE "\n" ";" list "${list}")
set(suites "")
foreach(line IN LISTS list)
  # "Suite.", with parameters "Instance/Suite."; cases are indented.
  if(line MATCHES "^([A-Za-z0-9_]+/)?([A-Za-z0-9_]+)\\.")
    list(APPEND suites "${CMAKE_MATCH_2}")
  elseif(line MATCHES "^[A-Za-z0-9_]" AND NOT line MATCHES "^Running main")
    message(WARNING "${PROGRAM}: not a suite: ${line}")
  endif()
endforeach()
list(REMOVE_DUPLICATES suites)
if(NOT suites)
  message(FATAL_ERROR "${PROGRAM}: expected suites, got none")
endif()
set(text "")
foreach(suite IN LISTS suites)
  set(cost 1)
  if(suite IN_LIST LONG)
    set(cost 100)
  endif()
  string(APPEND text "add_test([==[${PREFIX}.${suite}]==] [==[${PROGRAM}]==] "
                     "[==[--gtest_filter=${suite}.*:*/${suite}.*]==] --gtest_brief=1)\n"
                     "set_tests_properties([==[${PREFIX}.${suite}]==] PROPERTIES "
                     "COST ${cost} TIMEOUT 280 ENVIRONMENT OMP_NUM_THREADS=1)\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
