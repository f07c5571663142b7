# Makes a library of the numbered SQL files of a folder, so that the binary carries its own schema.
function(embed_sql name)
    file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.sql)
    list(SORT migrations)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migrations})
    set(rows "")
    foreach(migration ${migrations})
        get_filename_component(file ${migration} NAME)
        file(READ ${migration} sql)
        string(APPEND rows "    {\"${file}\", R\"__sql__(${sql})__sql__\"},\n")
    endforeach()
    set(generated ${CMAKE_BINARY_DIR}/generated/${name})
    file(CONFIGURE OUTPUT ${generated}/migrations.cpp CONTENT [[
#include <schema/migrations.hpp>

namespace daybook::schema {
namespace {
constexpr Migration all[] = {
@rows@};
}  // namespace
std::span<const Migration> migrations() { return all; }
}  // namespace daybook::schema
]] @ONLY)
    file(CONFIGURE OUTPUT ${generated}/include/schema/migrations.hpp CONTENT [[
// The numbered SQL files of schema/, in order. Generated; do not edit.
#pragma once

#include <span>
#include <string_view>

namespace daybook::schema {

struct Migration {
    std::string_view file;  ///< for example 0001_ledger.sql
    std::string_view sql;
};

std::span<const Migration> migrations();

}  // namespace daybook::schema
]] @ONLY)
    add_library(${name} STATIC ${generated}/migrations.cpp)
    target_include_directories(${name} PUBLIC ${generated}/include)
endfunction()
