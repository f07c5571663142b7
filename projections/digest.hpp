// The digest of a set of rows: the sum of their hashes, so that neither order nor path matters.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::projections {

/// Sum modulo 2^256 of SHA-256(table name, business columns as COPY BINARY has them). Adding and
/// removing a row are inverse, so a projector keeps it current with every row it writes (the
/// additive multiset hash of Bellare and Micciancio, "A new paradigm for collision-free hashing").
class Digest {
public:
    void add(std::string_view table, std::string_view row);
    void remove(std::string_view table, std::string_view row);
    bool operator==(const Digest&) const = default;

    [[nodiscard]] std::string hex() const;             ///< 64 lower-case digits
    [[nodiscard]] std::string bytes() const;           ///< 32 bytes, big-endian
    static Digest from_bytes(std::string_view bytes);  ///< 32 bytes or aborts

private:
    std::array<std::uint64_t, 4> words_{};  ///< little-endian words
};

}  // namespace daybook::projections
