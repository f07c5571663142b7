// Postgres's binary wire format for what we send and read in bulk: arrays and COPY tuples.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace daybook::pg {

/// Postgres counts microseconds from 2000-01-01; Unix from 1970.
constexpr std::int64_t postgres_epoch_us = 946'684'800LL * 1'000'000;

/// What a binary COPY begins with: signature, flags, and no extension.
constexpr std::string_view copy_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

template <class Integer>
Integer big_endian(Integer value) {
    if constexpr (std::endian::native == std::endian::little) return std::byteswap(value);
    return value;
}

template <class Integer>
void put(std::string& out, Integer value) {
    const Integer wire = big_endian(value);
    char bytes[sizeof wire];
    std::memcpy(bytes, &wire, sizeof wire);
    out.append(bytes, sizeof wire);
}

/// Takes the first bytes of `in`, which must be long enough.
template <class Integer>
Integer take(std::string_view& in) {
    Integer wire{};
    std::memcpy(&wire, in.data(), sizeof wire);
    in.remove_prefix(sizeof wire);
    return big_endian(wire);
}

/// Takes one field of a COPY tuple, which must not be NULL.
inline std::string_view take_field(std::string_view& in) {
    const auto size = static_cast<std::size_t>(take<std::int32_t>(in));
    const auto bytes = in.substr(0, size);
    in.remove_prefix(size);
    return bytes;
}

/// Takes one field of eight bytes.
inline std::int64_t take_number(std::string_view& in) {
    auto bytes = take_field(in);
    return take<std::int64_t>(bytes);
}

/// A one-dimensional array of nullable elements, for `unnest($1)`.
class ArrayBuilder {
public:
    explicit ArrayBuilder(std::uint32_t element_type) {
        put<std::int32_t>(bytes_, 1);  // dimensions
        put<std::int32_t>(bytes_, 1);  // may hold nulls
        put<std::uint32_t>(bytes_, element_type);
        put<std::int32_t>(bytes_, 0);  // length, set at the end
        put<std::int32_t>(bytes_, 1);  // lower bound
    }

    void element(std::string_view bytes) {
        put<std::int32_t>(bytes_, static_cast<std::int32_t>(bytes.size()));
        bytes_.append(bytes);
        ++size_;
    }
    void null() {
        put<std::int32_t>(bytes_, -1);
        ++size_;
    }
    void text_or_null(std::string_view value) { value.empty() ? null() : element(value); }
    void number(std::int64_t value) {
        put<std::int32_t>(bytes_, 8);
        put<std::int64_t>(bytes_, value);
        ++size_;
    }
    void boolean(bool value) { element(std::string_view(value ? "\1" : "\0", 1)); }
    void time(std::int64_t unix_us) { number(unix_us - postgres_epoch_us); }
    /// A field as a COPY tuple has it: its length, then its bytes; -1 for NULL.
    void field(std::string_view with_length) {
        bytes_.append(with_length);
        ++size_;
    }

    [[nodiscard]] std::string take_bytes() {
        const auto wire = big_endian(size_);
        std::memcpy(bytes_.data() + 12, &wire, sizeof wire);
        return std::move(bytes_);
    }

private:
    std::string bytes_;
    std::int32_t size_ = 0;
};

/// Object ids of the types we use, from the catalogue; frozen by Postgres.
namespace oid {
constexpr std::uint32_t boolean = 16, bytea = 17, bigint = 20, text = 25, json = 114,
                        timestamptz = 1184;
constexpr std::uint32_t boolean_array = 1000, bytea_array = 1001, bigint_array = 1016,
                        text_array = 1009, json_array = 199, timestamptz_array = 1185;
}  // namespace oid

}  // namespace daybook::pg
