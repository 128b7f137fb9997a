# SPDX-License-Identifier: MIT
# longplay_require_tested(PACKAGE NAME): PACKAGE_VERSION, found in PACKAGE_ROOT, is one of the minor versions
# in LONGPLAY_NAME_TESTED (if there is such a list), or LONGPLAY_ANY_NAME is on.
function(longplay_require_tested package name)
  string(REGEX MATCH "^[0-9]+\\.[0-9]+" minor "${${package}_VERSION}")
  if(LONGPLAY_${name}_TESTED AND NOT minor IN_LIST LONGPLAY_${name}_TESTED
     AND NOT LONGPLAY_ANY_${name})
    message(FATAL_ERROR "${package} ${${package}_VERSION} in ${${package}_ROOT} was never tested "
            "(tested: ${LONGPLAY_${name}_TESTED}); -DLONGPLAY_ANY_${name}=ON builds with it all the same")
  endif()
endfunction()
