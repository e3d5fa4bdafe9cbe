# Writes OUTPUT with the commit and state of SOURCE, touching it only when they changed. Run at build time, so that a
# commit made after configuring is seen: cmake -DSOURCE=… -DOUTPUT=… -P AispGitState.cmake
set(commit "")
set(dirty false)
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --show-toplevel OUTPUT_VARIABLE top
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(top STREQUAL SOURCE) # a tarball inside someone else's repository is not that repository's commit
    execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE commit
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    # Expectations are not built from: a run that updates them leaves the next one's sources as they were.
    execute_process(COMMAND ${GIT} -C ${SOURCE} --no-optional-locks diff-index --quiet HEAD -- .
      ":(exclude,glob)**/expectations_*.json" RESULT_VARIABLE changed
      OUTPUT_QUIET ERROR_QUIET)
    if(NOT changed EQUAL 0)
      set(dirty true)
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once\n\n#define AISP_GIT_COMMIT \"${commit}\"\n#define AISP_GIT_DIRTY ${dirty}\n")
