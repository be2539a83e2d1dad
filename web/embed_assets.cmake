# embed_assets(TARGET FOLDER): every file of FOLDER becomes part of TARGET as cistern::web::Asset.
# The bytes are pulled in by the assembler (.incbin), so there is nothing to generate but two short
# lists. A missing or empty FOLDER gives a program without a dashboard.
function(embed_assets target folder)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
    list(FILTER files EXCLUDE REGEX "(\\.map|\\.sha256|/\\.[^/]*)$")
    list(SORT files)
    set(assembly ".section .rodata\n")
    set(externs "")
    set(entries "")
    set(index 0)
    foreach(file IN LISTS files)
        file(RELATIVE_PATH name ${folder} ${file})
        string(APPEND assembly
            ".global cistern_asset_${index}\n.global cistern_asset_${index}_end\n.balign 16\n"
            "cistern_asset_${index}:\n.incbin \"${file}\"\ncistern_asset_${index}_end:\n.byte 0\n")
        string(APPEND externs "extern const char cistern_asset_${index}[];\nextern const char cistern_asset_${index}_end[];\n")
        string(APPEND entries "        asset(\"${name}\", cistern_asset_${index}, cistern_asset_${index}_end),\n")
        math(EXPR index "${index} + 1")
    endforeach()
    string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
    set(table "// Made by web/embed_assets.cmake.
#include \"web/assets.h\"

extern \"C\" {
${externs}}

namespace cistern::web {
namespace {
[[maybe_unused]] Asset asset(const char* path, const char* begin, const char* end) {
    return {path, {begin, static_cast<size_t>(end - begin)}};
}
}  // namespace

std::span<const Asset> embedded_assets() {
    static const std::vector<Asset> assets = {
${entries}    };
    return assets;
}

}  // namespace cistern::web
")
    set(assembly_file ${CMAKE_CURRENT_BINARY_DIR}/assets_data.S)
    set(table_file ${CMAKE_CURRENT_BINARY_DIR}/assets_table.cc)
    file(CONFIGURE OUTPUT ${assembly_file} CONTENT "${assembly}" @ONLY)
    file(CONFIGURE OUTPUT ${table_file} CONTENT "${table}" @ONLY)
    set_source_files_properties(${assembly_file} PROPERTIES OBJECT_DEPENDS "${files}" COMPILE_OPTIONS "")
    target_sources(${target} PRIVATE ${table_file} ${assembly_file})
endfunction()
