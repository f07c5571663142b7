# The Stripe simulator: a library, so that daybook serve and the tests can run it in-process.

# Makes <target> of files below `folder`, each to be had by its path: embedded::file("pages/a.html").
function(embed_files target folder)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
    set(rows "")
    foreach(file ${ARGN})
        file(RELATIVE_PATH name ${folder} ${file})
        file(READ ${file} content)
        # A string literal may be 64 KiB long by the standard; compilers take far longer ones.
        string(APPEND rows "    {\"${name}\", R\"__file__(${content})__file__\"},\n")
    endforeach()
    set(generated ${CMAKE_BINARY_DIR}/generated/${target}.cpp)
    file(CONFIGURE OUTPUT ${generated} CONTENT [[
#include <tools/stripe_sim/embedded.hpp>

namespace daybook::sim::embedded {
namespace {
const File all[] = {
@rows@};
}  // namespace
std::span<const File> files() { return all; }
}  // namespace daybook::sim::embedded
]] @ONLY)
    target_sources(${target} PRIVATE ${generated})
    set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS "-Wno-overlength-strings"
                                SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# Each resources/<name>.cpp defines add_<name>(Routes&); this calls them all, by name.
function(add_resources target)
    set(declarations "")
    set(calls "")
    foreach(file ${ARGN})
        get_filename_component(name ${file} NAME_WE)
        string(APPEND declarations "void add_${name}(Routes& on);\n")
        string(APPEND calls "    add_${name}(on);\n")
    endforeach()
    set(generated ${CMAKE_BINARY_DIR}/generated/${target}_resources.cpp)
    file(CONFIGURE OUTPUT ${generated} CONTENT [[
#include <tools/stripe_sim/routes.hpp>

namespace daybook::sim {
@declarations@
void add_resources(Routes& on) {
@calls@}
}  // namespace daybook::sim
]] @ONLY)
    target_sources(${target} PRIVATE ${generated})
endfunction()

set(stripe_sim ${CMAKE_SOURCE_DIR}/tools/stripe_sim)
file(GLOB_RECURSE sim_sources CONFIGURE_DEPENDS ${stripe_sim}/*.cpp)
list(FILTER sim_sources EXCLUDE REGEX "/main\\.cpp$")
file(GLOB sim_resources CONFIGURE_DEPENDS ${stripe_sim}/resources/*.cpp)
file(GLOB sim_files CONFIGURE_DEPENDS ${stripe_sim}/spec/api.json ${stripe_sim}/pages/*.html
     ${stripe_sim}/pages/*.js ${stripe_sim}/pages/*.css)
add_library(stripe_sim STATIC ${sim_sources})
embed_files(stripe_sim ${stripe_sim} ${sim_files})
add_resources(stripe_sim ${sim_resources})
target_compile_options(stripe_sim PRIVATE ${warnings})
target_link_libraries(stripe_sim PUBLIC api CLI11::CLI11 PkgConfig::zstd)
target_precompile_headers(stripe_sim PRIVATE <boost/asio.hpp> <boost/beast/core.hpp>
                          <boost/beast/http.hpp> <boost/json.hpp> <fmt/format.h>
                          <functional> <map> <memory> <optional> <string> <vector>)
set_source_files_properties(${stripe_sim}/json_library.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
