// Files and links to them: names and sizes alone, the simulator keeps no bytes.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

std::string url_of(const Scope& scope, const json::object& document) {
    return fmt::format("{}/_sim/files/{}", scope.world.base_url, text(document, "id"));
}

const json::object& make_link(const Call& call, std::string_view file, const json::object& given) {
    auto link = call.begin("file_link", "link_");
    link["file"] = json::string(file);
    if (has(given, "expires_at")) link["expires_at"] = *at(given, "expires_at");
    link["url"] = url_of(call, link);
    Call::merge_metadata(link, given);
    return call.put(std::move(link));
}

/// "pdf" from "receipt.pdf"
std::string_view ending(std::string_view filename) {
    const auto dot = filename.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : filename.substr(dot + 1);
}

json::object create(Call& call) {
    const auto& given = call.object("file");
    if (given.empty()) throw missing_param("file");
    auto file = call.begin("file", "file_");
    file["filename"] = text_or_null(text(given, "filename"));
    file["purpose"] = json::string(call.text("purpose"));
    file["size"] = integer(given, "size");
    file["type"] = text_or_null(ending(text(given, "filename")));
    file["url"] = url_of(call, file);
    file["links"] = list_of(call, fmt::format("/v1/file_links?file={}", text(file, "id")), {});
    auto& stored = call.put(std::move(file));
    if (call.flag("file_link_data.create"))
        make_link(call, text(stored, "id"), call.object("file_link_data"));
    call.emit("file.created", stored);
    return stored;
}

json::object create_link(Call& call) {
    static_cast<void>(call.get("file", call.text("file"), "file"));
    return make_link(call, call.text("file"), call.params);
}

json::object update_link(Call& call) {
    auto& link = call.edit("file_link", call.id("file_link"), "file_link");
    call.copy_metadata(link);
    if (call.text("expires_at") == "now")
        link["expires_at"] = call.now();
    else
        call.copy(link, {"expires_at"});
    return link;
}

void render_link(const Scope& scope, json::object& link) {
    link["expired"] = has(link, "expires_at") && integer(link, "expires_at") <= scope.now();
}

void render_file(const Scope& scope, json::object& file) {
    const auto page = scope.world.store.page(scope.account, "file_link",
                                             {.equal = {{"file", std::string(text(file, "id"))}}});
    file["links"] = list_of(scope, text(file, "links.url"), page.items, page.has_more);
}

}  // namespace

void add_files(Routes& on) {
    on.index("file_link", "file");
    on.render("file", render_file);
    on.render("file_link", render_link);
    on("POST", "/v1/files", create);
    on.retrieve("/v1/files/{file}");
    on.list("/v1/files", {"purpose"});
    on("POST", "/v1/file_links", create_link);
    on.retrieve("/v1/file_links/{file_link}");
    on.list("/v1/file_links", {"file"});
    on("POST", "/v1/file_links/{file_link}", update_link);
}

}  // namespace daybook::sim
