# Run by ctest at its end: why tests were skipped, which its summary does not say.
file(STRINGS ${LOG} lines REGEX "^([0-9]+/[0-9]+ Testing: |skipped: )")
foreach(line IN LISTS lines)
  if(line MATCHES "^[0-9]+/[0-9]+ Testing: (.*)")
    set(test ${CMAKE_MATCH_1})
  elseif(line MATCHES "^skipped: (.*)")
    message(STATUS "skipped ${test}: ${CMAKE_MATCH_1}")
  endif()
endforeach()
