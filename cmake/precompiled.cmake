# Headers of the standard library and of other projects, compiled once for all executables that are compiled alike.
#
# scorepath_precompile(<name> [OPTIMISATION <flags>] LIBRARIES <targets> HEADERS <headers>) adds the object library <name>;
# an executable with the same flags takes its headers with
#   target_precompile_headers(<target> REUSE_FROM <name>)
# Only headers that never change belong here, so none of scorepath's own; and a source still includes all that it uses: it
# must compile with CMAKE_DISABLE_PRECOMPILE_HEADERS=ON too. The library takes none, for the sake of its warnings: g++ 12
# forgets that precompiled headers are the system's, and warns of what it makes of std::string in them. Nor do the objects
# of one instruction set, whose flags are their own.
function(scorepath_precompile name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIMISATION;LIBRARIES;HEADERS")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  if(NOT EXISTS ${source})
    file(WRITE ${source} "// Nothing but the precompiled headers.\n")
  endif()
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${source})
  # Objects would be compiled as -fPIC, and headers compiled so are of no use to an executable.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE ${arg_OPTIMISATION} ${CMAKE_CXX_COMPILE_OPTIONS_PIE})
  target_link_libraries(${name} PRIVATE scorepath_flags ${arg_LIBRARIES})
  list(TRANSFORM arg_HEADERS REPLACE "^(.+)$" "<\\1>")
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()

# Sources of a target in groups, each compiled as one: most of a small source's time goes to the same headers, again and
# again. The `ci` preset compiles them one by one, which a missing include or a name used twice needs to show.
option(SCOREPATH_TOGETHER "Compile small sources in groups" ON)
function(scorepath_compile_together target group_size)
  if(SCOREPATH_TOGETHER)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${group_size})
  endif()
endfunction()
