# One ordinary source, one object per instruction set.
#
# scorepath_add_isa_objects(<prefix> <source>...) compiles the sources once for each instruction set and sets, in the
# caller's scope, <prefix>_ISA_OBJECTS (for add_executable or add_library) and <prefix>_ISA_TARGETS (<prefix>_baseline
# and, on x86-64, <prefix>_avx2 and <prefix>_avx512). Each source sees SCOREPATH_ISA_NAME (baseline, avx2, avx512: fit
# for a namespace) and one of SCOREPATH_ISA_BASELINE, SCOREPATH_ISA_AVX2, SCOREPATH_ISA_AVX512. Everything that it
# defines must stand in a namespace or be a template over a type that carries the instruction set: two objects that
# define one inline function differently would be merged by the linker, and the wider one would run everywhere
# (tests/rules/isa_symbols.py watches this).
set(SCOREPATH_ISAS baseline)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(APPEND SCOREPATH_ISAS avx2 avx512)
endif()
set(SCOREPATH_ISA_FLAGS_baseline)
set(SCOREPATH_ISA_FLAGS_avx2 -mavx2 -mfma -mbmi2)
set(SCOREPATH_ISA_FLAGS_avx512
    -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mbmi2 -mprefer-vector-width=512)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++'s own AVX-512 header starts results from an undefined vector and is warned about (GCC bug 105593).
  list(APPEND SCOREPATH_ISA_FLAGS_avx512 -Wno-uninitialized -Wno-maybe-uninitialized)
  # g++ 12's vectoriser of straight-line code makes x y - z beside x y + z one fused instruction, -ffp-contract=off or not
  # (seen on the double lane: s - g beside s + g).
  list(APPEND SCOREPATH_ISA_FLAGS_avx2 -fno-tree-slp-vectorize)
  list(APPEND SCOREPATH_ISA_FLAGS_avx512 -fno-tree-slp-vectorize)
  # The order of a ^ (b ^ c) is the source's: the one that comes last must meet the other two already joined. (Not for
  # baseline, whose emulated fma it makes 1.6 times slower; AVX-512 has one instruction for it.)
  list(APPEND SCOREPATH_ISA_FLAGS_avx2 -fno-tree-reassoc)
  # Vectors wider than a register are passed in memory, as they always are here: nothing crosses a border with them.
  list(APPEND SCOREPATH_ISA_FLAGS_baseline -Wno-psabi)
endif()

function(scorepath_add_isa_objects prefix)
  set(objects)
  set(targets)
  if(ARGN)
    foreach(isa IN LISTS SCOREPATH_ISAS)
      string(TOUPPER ${isa} upper)
      add_library(${prefix}_${isa} OBJECT ${ARGN})
      target_compile_options(${prefix}_${isa} PRIVATE ${scorepath_kernel_optimisation} ${SCOREPATH_ISA_FLAGS_${isa}})
      target_compile_definitions(${prefix}_${isa} PRIVATE SCOREPATH_ISA_NAME=${isa} SCOREPATH_ISA_${upper}=1)
      target_link_libraries(${prefix}_${isa} PRIVATE scorepath_flags)
      list(APPEND objects $<TARGET_OBJECTS:${prefix}_${isa}>)
      set_property(GLOBAL APPEND PROPERTY SCOREPATH_ISA_OBJECTS $<TARGET_OBJECTS:${prefix}_${isa}>)
      list(APPEND targets ${prefix}_${isa})
    endforeach()
  endif()
  set(${prefix}_ISA_OBJECTS ${objects} PARENT_SCOPE)
  set(${prefix}_ISA_TARGETS ${targets} PARENT_SCOPE)
endfunction()
