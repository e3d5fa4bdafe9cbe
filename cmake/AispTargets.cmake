# Chapters and labs: every folder with a workload.cpp is a target, every other .cpp beside it a variant.
# Names come from the place: chapters/ch09/softmax/online.cpp is variant "online" of target "ch09:softmax";
# peer_openblas.cpp is the peer "openblas".
include(AispVariant)  # AISP_VARIANT_FLAGS
set_property(GLOBAL PROPERTY AISP_INDEX "")

function(aisp_add_chapters root)
  file(GLOB chapters CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE ${CMAKE_SOURCE_DIR}/${root} ${CMAKE_SOURCE_DIR}/${root}/*)
  foreach(chapter IN LISTS chapters)
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/${root}/${chapter})
      aisp_add_chapter(${root}/${chapter} ${chapter})
    endif()
  endforeach()
endfunction()

function(aisp_add_chapter dir chapter)
  file(GLOB workloads CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/*/workload.cpp)
  if(NOT workloads)
    return()
  endif()
  string(REPLACE "/" "_" library ${chapter})
  set(all_variants "")
  foreach(workload IN LISTS workloads)
    cmake_path(GET workload PARENT_PATH folder)
    cmake_path(GET folder FILENAME name)
    set(target "${chapter}:${name}")
    set_source_files_properties(${workload} PROPERTIES COMPILE_DEFINITIONS "AISP_TARGET=\"${target}\"")
    file(GLOB variants CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.cpp)
    list(REMOVE_ITEM variants workload.cpp)
    set(entries "")
    foreach(file IN LISTS variants)
      cmake_path(GET file STEM stem)
      string(REGEX REPLACE "^peer_" "" variant ${stem})
      set(peer false)
      if(stem MATCHES "^peer_")
        set(peer true)
      endif()
      set_source_files_properties(${folder}/${file} PROPERTIES
        COMPILE_DEFINITIONS "AISP_TARGET=\"${target}\";AISP_VARIANT_NAME=\"${variant}\"")
      list(APPEND all_variants ${folder}/${file})
      list(JOIN AISP_VARIANT_FLAGS " " flags)
      list(APPEND entries "{\"name\":\"${variant}\",\"peer\":${peer},\"device\":\"cpu\",\"source\":\"${dir}/${name}/${file}\",\"flags\":\"${flags}\"}")
    endforeach()
    list(JOIN entries ",\n     " entries)
    set_property(GLOBAL APPEND PROPERTY AISP_INDEX
      "  {\"target\":\"${target}\",\"chapter\":\"${chapter}\",\"name\":\"${name}\",\"workload_source\":\"${dir}/${name}/workload.cpp\",\"workload_library\":\"${library}.so\",\"variant_library\":\"${library}.so\",\n    \"variants\":[\n     ${entries}]}")
  endforeach()

  add_library(workloads_${library} MODULE ${workloads})
  set_target_properties(workloads_${library} PROPERTIES PREFIX "" OUTPUT_NAME ${library} CXX_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/aisp/workloads)
  target_link_libraries(workloads_${library} PRIVATE aisp_flags)
  target_compile_options(workloads_${library} PRIVATE -O3 -fno-gnu-unique)

  add_library(variants_${library} MODULE ${all_variants})
  set_target_properties(variants_${library} PROPERTIES PREFIX "" OUTPUT_NAME ${library} CXX_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/aisp/variants)
  target_link_libraries(variants_${library} PRIVATE aisp_flags)
  target_compile_options(variants_${library} PRIVATE ${AISP_VARIANT_FLAGS} -fno-gnu-unique)

  set_property(GLOBAL APPEND PROPERTY AISP_PLUGINS workloads_${library} variants_${library})
endfunction()

# share/aisp/targets.json: the index that the command line reads.
function(aisp_write_index)
  get_property(index GLOBAL PROPERTY AISP_INDEX)
  list(JOIN index ",\n" index)
  file(WRITE ${CMAKE_BINARY_DIR}/share/aisp/targets.json.new "[\n${index}\n]\n")
  file(COPY_FILE ${CMAKE_BINARY_DIR}/share/aisp/targets.json.new ${CMAKE_BINARY_DIR}/share/aisp/targets.json ONLY_IF_DIFFERENT)
endfunction()
