#include <projections/digest.hpp>

#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <bit>
#include <cstring>

namespace daybook::projections {
namespace {

using Words = std::array<std::uint64_t, 4>;

/// The table's name is part of what is hashed; its length in front keeps the two apart.
Words hash(std::string_view table, std::string_view row) {
    std::string text;
    text.reserve(1 + table.size() + row.size());
    text.push_back(static_cast<char>(table.size()));
    text.append(table).append(row);
    return std::bit_cast<Words>([&] {
        std::array<char, 32> bytes;
        std::memcpy(bytes.data(), sha256(text).data(), bytes.size());
        return bytes;
    }());
}

__extension__ using Wide = unsigned __int128;

void add_to(Words& sum, const Words& other) {
    Wide carry = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
        carry += Wide{sum[i]} + other[i];
        sum[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
}

Words negated(Words words) {
    for (auto& word : words)
        word = ~word;
    add_to(words, {1, 0, 0, 0});
    return words;
}

}  // namespace

void Digest::add(std::string_view table, std::string_view row) {
    add_to(words_, hash(table, row));
}
void Digest::remove(std::string_view table, std::string_view row) {
    add_to(words_, negated(hash(table, row)));
}
std::string Digest::bytes() const {
    std::string out;
    for (auto word = words_.rbegin(); word != words_.rend(); ++word)
        for (int shift = 56; shift >= 0; shift -= 8)
            out.push_back(static_cast<char>(*word >> shift));
    return out;
}

std::string Digest::hex() const {
    return daybook::hex(bytes());
}

Digest Digest::from_bytes(std::string_view bytes) {
    invariant(bytes.size() == 32);
    Digest digest;
    for (std::size_t i = 0; i < 32; ++i) {
        auto& word = digest.words_[3 - i / 8];
        word = word << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return digest;
}

}  // namespace daybook::projections
