# Language level, warnings, sanitizers and ccache: the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(cistern_flags INTERFACE)
target_include_directories(cistern_flags INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
# -ffp-contract=off keeps encoded blocks byte-identical on every CPU.
target_compile_options(cistern_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
    -fno-omit-frame-pointer -ffp-contract=off)
# GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
target_compile_options(cistern_flags INTERFACE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(cistern_flags INTERFACE -march=x86-64-v2)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(cistern_flags INTERFACE -Wthread-safety -Wno-gnu-statement-expression)
endif()
# The same kind of false alarm in std::optional's moves, once TSan's calls lie between them.
if(CISTERN_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(cistern_flags INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
endif()
if(CISTERN_SANITIZE)
    target_compile_options(cistern_flags INTERFACE
        -fsanitize=${CISTERN_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(cistern_flags INTERFACE -fsanitize=${CISTERN_SANITIZE})
endif()
find_package(Threads REQUIRED)
target_link_libraries(cistern_flags INTERFACE Threads::Threads)

# cistern_library(NAME USES lib... LINKS external...)
# One folder, one static library cistern_NAME with the alias cistern::NAME. Every .cc file of the
# folder is compiled: a source file cannot be left out of the build.
# USES are our own libraries (arrows, public); LINKS are third-party ones and INCLUDES the folders
# of third-party headers, both seen by .cc files only.
function(cistern_library name)
    cmake_parse_arguments(ARG "" "" "USES;LINKS;INCLUDES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
    if(NOT sources MATCHES "\\.cc")  # contracts only, so far
        add_library(cistern_${name} INTERFACE)
        add_library(cistern::${name} ALIAS cistern_${name})
        foreach(used IN LISTS ARG_USES)
            target_link_libraries(cistern_${name} INTERFACE cistern::${used})
        endforeach()
        return()
    endif()
    add_library(cistern_${name} STATIC ${sources})
    set_target_properties(cistern_${name} PROPERTIES EXPORT_NAME ${name})
    add_library(cistern::${name} ALIAS cistern_${name})
    # The flags are for building cistern, not for programs that use its installed libraries.
    target_link_libraries(cistern_${name} PUBLIC $<BUILD_INTERFACE:cistern_flags> Threads::Threads)
    target_compile_features(cistern_${name} PUBLIC cxx_std_20)
    foreach(used IN LISTS ARG_USES)
        target_link_libraries(cistern_${name} PUBLIC cistern::${used})
    endforeach()
    target_link_libraries(cistern_${name} PRIVATE ${ARG_LINKS})
    target_include_directories(cistern_${name} SYSTEM PRIVATE ${ARG_INCLUDES})
endfunction()
