# One library per layer, so that linking enforces the order that tests/layering checks in the
# includes: config <- streams/* <- actors <- tools.
add_library(tocsin_flags INTERFACE)
target_compile_options(tocsin_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror)
# Error-free sums rely on every operation being rounded by itself.
target_compile_options(tocsin_flags INTERFACE -ffp-contract=off)
target_include_directories(tocsin_flags INTERFACE "${PROJECT_SOURCE_DIR}")
if(TOCSIN_SANITIZE)
  target_compile_options(tocsin_flags INTERFACE
    -fsanitize=${TOCSIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1
    # Instrumented code hides from g++ what it would need to be right about this one.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(tocsin_flags INTERFACE -fsanitize=${TOCSIN_SANITIZE})
endif()
if(TOCSIN_SANITIZE MATCHES undefined)
  # AddressSanitizer finds these where they do harm, and they cost a third of such a build's time.
  # (CAF 0.17 registers its types through references to null, too.)
  target_compile_options(tocsin_flags INTERFACE
    -fno-sanitize=null,alignment,object-size,vptr,pointer-overflow
    -fno-sanitize=nonnull-attribute,returns-nonnull-attribute)
endif()
if(TOCSIN_SANITIZE MATCHES thread)
  # It does not know fences, and says so wherever one stands: Boost.Asio can do without its own.
  target_compile_options(tocsin_flags INTERFACE -Wno-tsan)
  target_compile_definitions(tocsin_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# tocsin_together(TARGET): its sources are compiled some at a time under a sanitizer. What headers
# bring with them (CAF, Beast, CLI11) takes most of such a build, and so comes once for several.
# Other builds compile each source alone, and miss what it forgot to include.
function(tocsin_together target)
  if(TOCSIN_SANITIZE)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
endfunction()

# tocsin_layer(NAME lib...): a static library of every .cpp in the current folder.
function(tocsin_layer name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC tocsin_flags ${ARGN})
  tocsin_together(${name})
endfunction()

# tocsin_waits(TARGET): it waits more than it computes, so that under a sanitizer optimising it
# costs more time than it saves.
function(tocsin_waits target)
  if(TOCSIN_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()
