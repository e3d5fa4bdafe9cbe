# How variants are compiled: the same for those in the repository and, through find_package(aisp), for a user's own.
set(AISP_VARIANT_FLAGS -O3 -fno-math-errno)  # baseline and optimized alike

# aisp_add_variant(NAME SOURCES TARGET): a plugin NAME.so for `aisp judge`, from SOURCES (a file or a list of files, C or
# C++), which implement the workload TARGET ("ch09:softmax"). NAME is the variant's name in reports.
function(aisp_add_variant name sources target)
  add_library(${name} MODULE ${sources})
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden)
  target_link_libraries(${name} PRIVATE aisp::aisp)
  target_compile_options(${name} PRIVATE ${AISP_VARIANT_FLAGS} $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_compile_definitions(${name} PRIVATE AISP_TARGET="${target}" AISP_VARIANT_NAME="${name}")
endfunction()
