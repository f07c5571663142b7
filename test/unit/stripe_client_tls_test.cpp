// TLS and proxies: whom the client trusts, and how it gets there.
#include <test/unit/stripe_peer.hpp>

#include <fmt/format.h>
#include <boost/asio.hpp>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

using namespace daybook::test;
using namespace daybook::api::stripe;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// An authority of its own and the certificates that it signs, made by openssl in a directory that
/// goes away.
class Authority {
public:
    Authority() {
        std::string made = (std::filesystem::temp_directory_path() / "daybook-ca-XXXXXX").string();
        REQUIRE(::mkdtemp(made.data()) != nullptr);
        path_ = made;
        openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            "-subj /CN=Test-CA -keyout ca.key -out ca.pem");
    }
    ~Authority() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    [[nodiscard]] std::string trusted() const { return (path_ / "ca.pem").string(); }

    /// Key and certificate in one file, for these names ("DNS:a.example,IP:127.0.0.1").
    [[nodiscard]] std::string certificate(const std::string& names, const std::string& days = "2") {
        std::ofstream(path_ / "names") << "subjectAltName=" << names << "\n";
        openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=peer "
            "-keyout peer.key -out peer.csr");
        openssl(
            "x509 -req -in peer.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names "
            "-out peer.pem -days " +
            days);
        const auto both = fmt::format("both-{}.pem", ++made_);
        shell(fmt::format("cat peer.key peer.pem > {}", both));
        return (path_ / both).string();
    }

private:
    void openssl(const std::string& arguments) { shell("openssl " + arguments); }
    void shell(const std::string& command) {
        const auto whole = fmt::format("cd {} && {} 2>>errors", path_.string(), command);
        REQUIRE(std::system(whole.c_str()) == 0);
    }

    std::filesystem::path path_;
    int made_ = 0;
};

/// A proxy that makes one tunnel after another to where it is told, or refuses.
class Proxy {
public:
    explicit Proxy(std::uint16_t to, std::string refusal = "")
        : peer_([to, refusal](Peer::Talk& talk) { serve(talk, to, refusal); }) {}

    [[nodiscard]] std::string url(const std::string& user = "") const {
        return fmt::format("http://{}127.0.0.1:{}", user.empty() ? "" : user + "@", peer_.port());
    }
    [[nodiscard]] std::vector<std::string> requests() const { return peer_.requests(); }

private:
    static void serve(Peer::Talk& talk, std::uint16_t to, const std::string& refusal) {
        if (talk.hear().empty()) return;
        if (!refusal.empty()) return talk.say(refusal);
        asio::io_context io;
        tcp::socket onward(io);
        onward.connect({asio::ip::address_v4::loopback(), to});
        talk.say("HTTP/1.1 200 Connection established\r\n\r\n");
        std::thread back([&] {
            std::array<char, 4096> bytes{};
            error_code error;
            while (!error) {
                const auto count = onward.read_some(asio::buffer(bytes), error);
                talk.say({bytes.data(), count});
            }
        });
        for (auto bytes = talk.hear_some(); !bytes.empty(); bytes = talk.hear_some())
            asio::write(onward, asio::buffer(bytes));
        onward.shutdown(tcp::socket::shutdown_both);
        back.join();
    }

    Peer peer_;
};

ClientOptions over_tls(const Peer& peer, const std::string& ca_file,
                       std::string_view host = "127.0.0.1") {
    auto options = quick(fmt::format("https://{}:{}", host, peer.port()));
    options.ca_file = ca_file;
    return options;
}

std::string outcome(const ClientOptions& options) {
    return text_of(Caller(options).send(post("/v1/refunds", "")));
}

}  // namespace

TEST_CASE("a certificate must be of a trusted authority, of the host, and of today") {
    Authority authority;
    Authority stranger;
    SECTION("a good one") {
        const Peer peer(answer_all, authority.certificate("DNS:localhost,IP:127.0.0.1"));
        CHECK(outcome(over_tls(peer, authority.trusted())) == "200");
        CHECK(outcome(over_tls(peer, authority.trusted(), "localhost")) == "200");
    }
    SECTION("of an authority that nobody trusts") {
        const Peer peer(answer_all, stranger.certificate("IP:127.0.0.1"));
        CHECK(outcome(over_tls(peer, authority.trusted())) == "unreachable");
        CHECK(outcome(over_tls(peer, "")) == "unreachable");
        CHECK(peer.requests().empty());
    }
    SECTION("of another host") {
        const Peer peer(answer_all, authority.certificate("DNS:api.stripe.com"));
        CHECK(outcome(over_tls(peer, authority.trusted())) == "unreachable");
        CHECK(outcome(over_tls(peer, authority.trusted(), "localhost")) == "unreachable");
        CHECK(peer.requests().empty());
    }
    SECTION("of the past") {
        const Peer peer(answer_all, authority.certificate("IP:127.0.0.1", "-1"));
        CHECK(outcome(over_tls(peer, authority.trusted())) == "unreachable");
        CHECK(peer.requests().empty());
    }
    SECTION("none at all") {
        const Peer peer(answer_all);
        auto options = over_tls(peer, authority.trusted());
        options.connect_max = 100ms;
        CHECK(outcome(options) == "unreachable");
    }
}

TEST_CASE("a TLS connection is kept, replaced when the peer ends it, and may be cut") {
    Authority authority;
    const Peer peer(
        [](Peer::Talk& talk) {
            if (talk.hear().empty()) return;
            talk.answer("{}");
            if (talk.number == 1) return answer_all(talk);
            if (talk.number == 2) return;
            talk.hear();
        },
        authority.certificate("IP:127.0.0.1"));
    Caller caller(over_tls(peer, authority.trusted()));
    for (int i = 0; i < 5; ++i)
        CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    CHECK(peer.connections() == 1);
    auto both = caller.send_all({get("/v1/balance"), get("/v1/balance")});
    CHECK(text_of(both[0]) == "200");
    CHECK(text_of(both[1]) == "200");
    CHECK(peer.connections() == 2);
    caller.idle(50ms);  // the second has ended meanwhile
    both = caller.send_all({get("/v1/balance"), get("/v1/balance")});
    CHECK(text_of(both[0]) == "200");
    CHECK(text_of(both[1]) == "200");
    CHECK(peer.connections() == 3);
    both = caller.send_all({get("/v1/balance"), get("/v1/balance")});
    CHECK(std::set{text_of(both[0]), text_of(both[1])} == std::set<std::string>{"200", "cut"});
}

TEST_CASE("a large body goes both ways over TLS") {
    Authority authority;
    const std::string big(3'000'000, 'x');
    const Peer peer(
        [&](Peer::Talk& talk) {
            while (!talk.hear().empty())
                talk.answer(big);
        },
        authority.certificate("IP:127.0.0.1"));
    Caller caller(over_tls(peer, authority.trusted()));
    const auto answer = caller.send(post("/v1/files", big));
    REQUIRE(text_of(answer) == "200");
    CHECK(answer->body == big);
    CHECK(peer.requests().front().ends_with(big));
}

TEST_CASE("a silent peer does not hold up a handshake for ever") {
    const Peer peer([](Peer::Talk& talk) { talk.wait_for_close(); });
    auto options = over_tls(peer, "");
    options.connect_max = 100ms;
    const auto began = std::chrono::steady_clock::now();
    CHECK(outcome(options) == "unreachable");
    CHECK(std::chrono::steady_clock::now() - began < 1s);
}

TEST_CASE("a proxy makes a tunnel, and TLS goes through it to Stripe itself") {
    Authority authority;
    const Peer peer(answer_all, authority.certificate("DNS:stripe.example"));
    const Proxy proxy(peer.port());
    auto options = quick("https://stripe.example");
    options.ca_file = authority.trusted();
    options.proxy = proxy.url("me:p%40ss");
    Caller caller(options);
    for (int i = 0; i < 3; ++i)
        CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    REQUIRE(proxy.requests().size() == 1);
    CHECK(proxy.requests()[0] ==
          "CONNECT stripe.example:443 HTTP/1.1\r\nHost: stripe.example:443\r\n"
          "Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n");
    CHECK_THAT(peer.requests()[0], Contains("Host: stripe.example\r\n"));
    CHECK_THAT(peer.requests()[0], !Contains("Proxy-Authorization"));
}

TEST_CASE("a proxy that refuses leaves Stripe out of reach") {
    const auto refusal = GENERATE(values<std::string>(
        {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 200 OK\r\n\r\nand a word too many", "nonsense"}));
    const Proxy proxy(1, refusal);
    auto options = quick("https://stripe.example");
    options.proxy = proxy.url();
    CHECK(outcome(options) == "unreachable");
}

TEST_CASE("to a plain base a proxy forwards") {
    const Peer proxy(answer_all);
    auto options = quick("http://stripe.example:8000");
    options.proxy = fmt::format("http://me:pass@127.0.0.1:{}", proxy.port());
    CHECK(outcome(options) == "200");
    CHECK_THAT(proxy.requests()[0], Catch::StartsWith("POST http://stripe.example:8000/v1/refunds "
                                                      "HTTP/1.1\r\nHost: stripe.example:8000\r\n"));
    CHECK_THAT(proxy.requests()[0], Contains("Proxy-Authorization: Basic bWU6cGFzcw==\r\n"));
}
