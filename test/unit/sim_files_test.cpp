// Files come in parts.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

Sim::Answer upload(Sim& sim, std::string body,
                   std::string type = "multipart/form-data; boundary=xx") {
    ApiRequest request;
    request.method = "POST";
    request.path = "/v1/files";
    request.body = std::move(body);
    request.content_type = std::move(type);
    return sim.send(std::move(request));
}

const std::string purpose =
    "--xx\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n";
const std::string file =
    "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"receipt.pdf\"\r\n"
    "Content-Type: application/pdf\r\n\r\n%PDF\r\n--x\r\n";
const std::string end = "--xx--\r\n";

}  // namespace

TEST_CASE("An uploaded file has a name, a size, a purpose and links") {
    Sim sim;
    const auto made = upload(sim, purpose + file + end);
    CHECK(text(made.body, "filename") == "receipt.pdf");
    CHECK(integer(made.body, "size") == 9);
    CHECK(text(made.body, "type") == "pdf");
    const std::string id(made.id());
    const auto link = sim.post("/v1/file_links", "file=" + id);
    CHECK_FALSE(flag(link.body, "expired"));
    CHECK(array(sim.get("/v1/files/" + id).body, "links.data").size() == 1);
    sim.post("/v1/file_links/" + std::string(link.id()), "expires_at=now");
    CHECK(flag(sim.get("/v1/file_links/" + std::string(link.id())).body, "expired"));
    CHECK(array(sim.get("/v1/files", "purpose=dispute_evidence").body, "data").size() == 1);
}

TEST_CASE("Uploads that cannot be read are refused") {
    Sim sim;
    for (const auto& body : {std::string("--xx"), purpose + file, file + end, purpose + end,
                             std::string("--xx\r\n\r\n\r\n--xx--"), std::string("nothing")})
        CHECK(upload(sim, body).status == 400);
    CHECK(upload(sim, purpose + file + end, "multipart/form-data").status == 400);
    CHECK(sim.post("/v1/files", "purpose=dispute_evidence").param() == "file");
    // Whatever calls itself a file has a size.
    CHECK(sim.post("/v1/files", "purpose=dispute_evidence&file[filename]=a").status == 200);
}
