# SPDX-License-Identifier: MIT
# Warnings, sanitizers and the precompiled header, each as one target or function.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)   # one setting for libraries and programs: they share the header
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # gcc and ccache agree on precompiled headers only with these relaxations.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

add_library(longplay_flags INTERFACE)
target_compile_options(longplay_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-unknown-pragmas
                       $<$<BOOL:${LONGPLAY_WERROR}>:-Werror>
                       # designated initialisers leave the rest at its default on purpose
                       -Wno-missing-field-initializers
                       # gcc 12 sees overlaps and overflows in std::string that are not there (PR 105651)
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow>)
if(CCACHE)
  target_compile_options(longplay_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
if(LONGPLAY_SANITIZE)
  target_compile_options(longplay_flags INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(longplay_flags INTERFACE -fsanitize=address,undefined)
endif()

# longplay_library(NAME sources... [PUBLIC libs] [PRIVATE libs] [HEADERS ...])
function(longplay_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(longplay_${name} STATIC ${arg_SOURCES})
  add_library(longplay::${name} ALIAS longplay_${name})
  set_target_properties(longplay_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(longplay_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/longplay>)
  target_compile_features(longplay_${name} PUBLIC cxx_std_20)
  target_link_libraries(longplay_${name} PUBLIC ${arg_PUBLIC}
                        PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:longplay_flags>)
endfunction()

# One precompiled header for everything that includes torch: 19 s a file become 6 s.
function(longplay_torch_header target)
  if(target STREQUAL longplay_model)
    target_precompile_headers(longplay_model PRIVATE "${PROJECT_SOURCE_DIR}/cmake/torch_pch.h")
  else()
    target_precompile_headers(${target} REUSE_FROM longplay_model)
    # CMake gives programs -fPIE and libraries -fPIC; gcc shares the header only when they agree.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

# longplay_test(FOLDER sources...): one program per folder, named tests_<folder>.
function(longplay_test folder)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(tests_${folder} ${arg_SOURCES})
  target_link_libraries(tests_${folder} PRIVATE longplay_flags ${arg_LIBRARIES}
                        GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(tests_${folder} PRIVATE
    LONGPLAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LONGPLAY_BUILD_DIR="${PROJECT_BINARY_DIR}")
  # Tests run side by side: one thread each, or waiting threads would take the cores.
  gtest_discover_tests(tests_${folder} TEST_PREFIX ${folder}. DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 280 ENVIRONMENT "OMP_NUM_THREADS=1")
endfunction()
