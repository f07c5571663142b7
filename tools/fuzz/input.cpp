// Fuzzes the reader of JSON bodies: any bytes give values within their rules, or a refusal.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/input.cpp>
#include <api/input_fields.cpp>
#include <ledger/invariant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace daybook;
using namespace daybook::api;

constexpr std::string_view colours[] = {"red", "green"};

void read_fields(Input& in, int depth) {
    const auto text = in.text("text", {.required = true, .bytes_max = 20});
    invariant(text.size() <= 20 && text.find('\0') == std::string::npos);
    const auto id = in.id("id", false, "acct_");
    invariant(id.empty() || id.starts_with("acct_"));
    const auto amount = in.whole("amount", {.least = 50, .most = 99});
    invariant(!amount || (*amount >= 50 && *amount <= 99));
    const auto percent = in.percent("percent", 1);
    invariant(!percent || (*percent >= 1 && *percent <= 10'000));
    const auto currency = in.currency("currency");
    invariant(currency.empty() || find_currency(currency));
    in.url("url");
    in.email("email");
    in.country("country");
    in.boolean("force");
    in.time("time", 1'790'000'000);
    for (const auto& word : in.words("words", colours))
        invariant(!in.sound() || word == "red" || word == "green");
    for (const auto& [name, value] : in.metadata())
        invariant(!in.sound() || (name.size() <= 40 && value.size() <= 500));
    if (depth == 0) return;
    if (auto inner = in.object("inner")) read_fields(*inner, depth - 1);
    for (auto& line : in.objects("lines", {.most = 3}))
        read_fields(line, depth - 1);
}

void judge(std::string body) {
    Request request;
    request.body = std::move(body);
    request.content_type = "application/json";
    try {
        Input in(request);
        read_fields(in, 2);
        in.done();
        invariant(in.sound());
    } catch (const Refused& refused) {
        invariant(kind_of(refused.problem()).status / 100 == 4);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    judge(std::string(input));
    // The lines of the input as the values of fields: names are hard to guess.
    std::string body;
    auto rest = input;
    for (const auto* name : {"text", "id", "amount", "percent", "currency", "url", "email",
                             "country", "force", "time", "words", "metadata", "inner", "lines"}) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (end > 0) {
            body.append(body.empty() ? "{\"" : ",\"").append(name).append("\":");
            body += rest.substr(0, end);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    judge(body + '}');
    return 0;
}
