// Packs described structs into bytes and back: the form in which a fold's state rests in a table.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace daybook::projections {

/// Thrown by unpack when bytes are not what pack wrote; the cure is a rebuild.
class BadState : public std::runtime_error {
public:
    BadState() : std::runtime_error("the packed state is damaged or of another version") {}
};

namespace packing {

inline void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

inline std::uint64_t take_varint(std::string_view& in) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in.empty()) throw BadState();
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    throw BadState();
}

}  // namespace packing

inline void pack(std::string& out, std::int64_t value) {  // zigzag: small negatives stay short
    packing::put_varint(
        out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}
inline void unpack(std::string_view& in, std::int64_t& value) {
    const auto raw = packing::take_varint(in);
    value = static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
}
inline void pack(std::string& out, bool value) {
    out.push_back(value ? 1 : 0);
}
inline void unpack(std::string_view& in, bool& value) {
    if (in.empty()) throw BadState();
    value = in.front() != 0;
    in.remove_prefix(1);
}
inline void pack(std::string& out, const std::string& value) {
    packing::put_varint(out, value.size());
    out.append(value);
}
inline void unpack(std::string_view& in, std::string& value) {
    const auto size = packing::take_varint(in);
    if (size > in.size()) throw BadState();
    value.assign(in.substr(0, size));
    in.remove_prefix(size);
}
template <class Enum>
    requires std::is_enum_v<Enum>
void pack(std::string& out, Enum value) {
    pack(out, static_cast<std::int64_t>(value));
}
template <class Enum>
    requires std::is_enum_v<Enum>
void unpack(std::string_view& in, Enum& value) {
    std::int64_t number = 0;
    unpack(in, number);
    value = static_cast<Enum>(number);
}

template <class T>
void pack(std::string& out, const std::optional<T>& value);
template <class T>
void unpack(std::string_view& in, std::optional<T>& value);
template <class T>
void pack(std::string& out, const std::vector<T>& values);
template <class T>
void unpack(std::string_view& in, std::vector<T>& values);
template <class A, class B>
void pack(std::string& out, const std::pair<A, B>& value);
template <class A, class B>
void unpack(std::string_view& in, std::pair<A, B>& value);
template <class K, class V>
void pack(std::string& out, const std::map<K, V>& values);
template <class K, class V>
void unpack(std::string_view& in, std::map<K, V>& values);

template <class Described>
    requires boost::describe::has_describe_members<Described>::value
void pack(std::string& out, const Described& value) {
    using Members = boost::describe::describe_members<Described, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Members>([&](auto member) { pack(out, value.*member.pointer); });
}
template <class Described>
    requires boost::describe::has_describe_members<Described>::value
void unpack(std::string_view& in, Described& value) {
    using Members = boost::describe::describe_members<Described, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Members>([&](auto member) { unpack(in, value.*member.pointer); });
}

template <class T>
void pack(std::string& out, const std::optional<T>& value) {
    pack(out, value.has_value());
    if (value) pack(out, *value);
}
template <class T>
void unpack(std::string_view& in, std::optional<T>& value) {
    bool present = false;
    unpack(in, present);
    if (present)
        unpack(in, value.emplace());
    else
        value.reset();
}
template <class T>
void pack(std::string& out, const std::vector<T>& values) {
    packing::put_varint(out, values.size());
    for (const auto& value : values)
        pack(out, value);
}
template <class T>
void unpack(std::string_view& in, std::vector<T>& values) {
    values.clear();
    for (auto count = packing::take_varint(in); count > 0; --count) {
        if (in.empty()) throw BadState();
        T value{};
        unpack(in, value);
        values.push_back(std::move(value));
    }
}
template <class A, class B>
void pack(std::string& out, const std::pair<A, B>& value) {
    pack(out, value.first);
    pack(out, value.second);
}
template <class A, class B>
void unpack(std::string_view& in, std::pair<A, B>& value) {
    unpack(in, value.first);
    unpack(in, value.second);
}
template <class K, class V>
void pack(std::string& out, const std::map<K, V>& values) {
    packing::put_varint(out, values.size());
    for (const auto& entry : values)
        pack(out, static_cast<const std::pair<const K, V>&>(entry).first), pack(out, entry.second);
}
template <class K, class V>
void unpack(std::string_view& in, std::map<K, V>& values) {
    values.clear();
    for (auto count = packing::take_varint(in); count > 0; --count) {
        K key{};
        unpack(in, key);
        unpack(in, values[std::move(key)]);
    }
}

/// The whole state as bytes.
template <class State>
std::string packed(const State& state) {
    thread_local std::string scratch;  // grows once; what is returned has just the size it needs
    scratch.clear();
    pack(scratch, state);
    return std::string(std::string_view(scratch));
}
/// Throws BadState unless `bytes` are exactly what packed() made.
template <class State>
State unpacked(std::string_view bytes) {
    State state{};
    unpack(bytes, state);
    if (!bytes.empty()) throw BadState();
    return state;
}

}  // namespace daybook::projections
