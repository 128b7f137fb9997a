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
  # gcc and ccache agree on precompiled headers only with these relaxations. Paths below the source
  # folder are relative, and the precompiled header goes by the sum beside it (longplay_torch_header),
  # so that a build in another folder finds what this one has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1 ${CCACHE})
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
if(LONGPLAY_WHOLE_ROOMS)
  # A class's Impl may hold what its own file alone knows: in a room's source that is still true.
  target_compile_options(longplay_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(LONGPLAY_SANITIZE STREQUAL "address")
  target_compile_options(longplay_flags INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(longplay_flags INTERFACE -fsanitize=address,undefined)
elseif(LONGPLAY_SANITIZE STREQUAL "thread")
  target_compile_options(longplay_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(longplay_flags INTERFACE -fsanitize=thread)
elseif(LONGPLAY_SANITIZE)
  message(FATAL_ERROR "LONGPLAY_SANITIZE: expected address or thread, got ${LONGPLAY_SANITIZE}")
endif()
if(LONGPLAY_SANITIZE)
  # gcc 12 then takes std::optional and std::function for uninitialised (PR 105562, PR 80635), and
  # minds a fence in c10's reference counts, which the thread sanitizer does not model.
  target_compile_options(longplay_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(LONGPLAY_SANITIZE STREQUAL "thread")
    target_compile_options(longplay_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

# longplay_rooms(VARIABLE sources...): the sources of a room (a sub-folder) as one source. What a file
# of a few hundred lines costs is torch's templates, and a room pays for them once: a fifth of the
# time. So names in unnamed namespaces are unique within a room. Files at the top (unless TOP names a
# room for them), vectorised loops and those that need flags of their own (ALONE) stay as they are; so
# does everything where LONGPLAY_WHOLE_ROOMS is off.
function(longplay_rooms variable)
  cmake_parse_arguments(arg "" "TOP" "SOURCES;ALONE" ${ARGN})
  set(result "")
  set(rooms "")
  foreach(source IN LISTS arg_SOURCES)
    file(RELATIVE_PATH inside "${CMAKE_CURRENT_SOURCE_DIR}" "${source}")
    cmake_path(GET inside PARENT_PATH room)
    if(room STREQUAL "")
      set(room "${arg_TOP}")
    endif()
    if(room STREQUAL "" OR inside MATCHES "_loops.cpp$" OR inside IN_LIST arg_ALONE
       OR NOT LONGPLAY_WHOLE_ROOMS)
      list(APPEND result "${source}")
    else()
      file(RELATIVE_PATH path "${PROJECT_SOURCE_DIR}" "${source}")
      string(APPEND room_${room} "#include \"${path}\"  // NOLINT(bugprone-suspicious-include)\n")
      list(APPEND rooms "${room}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES rooms)
  foreach(room IN LISTS rooms)
    file(CONFIGURE OUTPUT "rooms/${room}.cpp" CONTENT "${room_${room}}" @ONLY)
    list(APPEND result "${CMAKE_CURRENT_BINARY_DIR}/rooms/${room}.cpp")
  endforeach()
  set(${variable} "${result}" PARENT_SCOPE)
endfunction()

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

# One precompiled header for everything that includes torch (19 s a file become 6 s), another for its
# tests: the first target that asks makes it.
function(longplay_torch_header target)
  set(header "torch_pch.h")
  set(owner longplay_model)
  if(target MATCHES "^tests_")
    set(header "test_pch.h")
    set(owner tests_model)
  endif()
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/${header}")
    # What it is made of, for ccache.
    file(SHA256 "${PROJECT_SOURCE_DIR}/cmake/${header}" sum)
    file(SHA256 "${PROJECT_SOURCE_DIR}/cmake/torch_pch.h" torch_sum)
    file(SIZE "${LibTorch_torch_cpu_LIBRARY}" library_size)
    get_target_property(flags longplay_flags INTERFACE_COMPILE_OPTIONS)
    file(CONFIGURE OUTPUT "CMakeFiles/${target}.dir/cmake_pch.hxx.gch.sum" CONTENT
         "${sum} ${torch_sum} ${LibTorch_VERSION} ${library_size} ${CMAKE_CXX_COMPILER_VERSION}
${flags} ${CMAKE_BUILD_TYPE} ${CMAKE_CXX_FLAGS}\n" @ONLY)
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
  if(NOT target MATCHES "^longplay_")
    # CMake gives programs -fPIE and libraries -fPIC; gcc shares the header only when they agree.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

# longplay_without_torch(rooms or files...): these know nothing of torch, and its header would cost
# them more than their own compilation.
function(longplay_without_torch)
  foreach(name IN LISTS ARGN)
    if(LONGPLAY_WHOLE_ROOMS AND EXISTS "${CMAKE_CURRENT_BINARY_DIR}/rooms/${name}.cpp")
      set(files "${CMAKE_CURRENT_BINARY_DIR}/rooms/${name}.cpp")
    elseif(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp")
      set(files ${name}.cpp)
    else()
      file(GLOB files ${name}/*.cpp)
    endif()
    set_source_files_properties(${files} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
endfunction()

# longplay_test(FOLDER SOURCES ... [LIBRARIES ...] [LONG suites...]): one program, tests_FOLDER; each of
# its suites is a test, FOLDER.SUITE, and a process. Long ones start first. They run side by side, so
# one thread each: waiting threads would take the cores.
function(longplay_test folder)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;LONG" ${ARGN})
  add_executable(tests_${folder} ${arg_SOURCES})
  target_link_libraries(tests_${folder} PRIVATE longplay_flags ${arg_LIBRARIES}
                        GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(tests_${folder} PRIVATE
    LONGPLAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LONGPLAY_BUILD_DIR="${PROJECT_BINARY_DIR}")
  # What takes time in a test is the library; its own code has to compile quickly.
  target_compile_options(tests_${folder} PRIVATE -O1)
  set(suites "${CMAKE_CURRENT_BINARY_DIR}/suites.cmake")
  add_custom_command(TARGET tests_${folder} POST_BUILD BYPRODUCTS "${suites}"
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:tests_${folder}> -DPREFIX=${folder}
            "-DLONG=${arg_LONG}" -DOUTPUT=${suites} -P "${PROJECT_SOURCE_DIR}/cmake/AddSuites.cmake" VERBATIM)
  # Not built yet: one test that fails.
  file(CONFIGURE OUTPUT include_suites.cmake @ONLY CONTENT
       "if(EXISTS [==[${suites}]==])\n  include([==[${suites}]==])\nelse()\n  add_test(${folder}_NOT_BUILT ${folder}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY
               TEST_INCLUDE_FILES "${CMAKE_CURRENT_BINARY_DIR}/include_suites.cmake")
endfunction()

# longplay_c_library(NAME SOURCES ... LIBRARIES ... [LINK options...]): liblongplay_NAME.so, a shared
# library that shows the functions of its C interface and nothing else.
function(longplay_c_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;LINK" ${ARGN})
  set(target longplay_c_${name})
  set(exported "${PROJECT_SOURCE_DIR}/runtime/exported.map")
  add_library(${target} SHARED ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME longplay_${name} LINK_DEPENDS "${exported}")
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} longplay_flags)
  target_link_options(${target} PRIVATE "LINKER:--version-script=${exported}" LINKER:--gc-sections
                      LINKER:--as-needed LINKER:--no-undefined ${arg_LINK})
endfunction()
