// Idempotency keys: the first answer to a key is the answer to all that repeat it.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/http.hpp>
#include <tools/stripe_sim/json.hpp>
#include <tools/stripe_sim/packer.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace daybook::sim {

class Idempotency {
public:
    enum class Found {
        fresh,      ///< the key is in use from now on, until finish() or release()
        replay,     ///< answer() has it
        in_use,     ///< another request with this key is still running
        different,  ///< the key was used with other parameters
    };

    /// `fingerprint` stands for the method, the path and the parameters. Keys older than 24 hours
    /// are gone.
    Found begin(std::string_view account, std::string_view key, std::string_view fingerprint,
                std::string_view request_id, Seconds now);

    /// Keeps what was answered.
    void finish(std::string_view account, std::string_view key, const Reply& reply);

    /// Nothing was executed: the key is free again.
    void release(std::string_view account, std::string_view key);

    /// The key is as if it had never been used, unless it is in use.
    void forget(std::string_view account, std::string_view key);

    /// The answer that a replay gets, with the headers that say so.
    [[nodiscard]] Reply answer(std::string_view account, std::string_view key) const;

    /// Hands out each answered key as a document, oldest first, and takes one back.
    void save(const std::function<void(json::object)>& take) const;
    void restore(const json::object& saved);

    [[nodiscard]] std::size_t count() const { return entries_.size(); }

private:
    struct Entry {
        std::uint64_t fingerprint = 0;
        std::string request_id;
        std::string packed_body;
        int status = 0;  ///< 0 while in use
        Seconds since = 0;
    };

    static std::string name(std::string_view account, std::string_view key);
    void prune(Seconds now);

    std::unordered_map<std::string, Entry> entries_;
    std::deque<std::pair<Seconds, std::string>> by_age_;
    Packer packer_;
};

}  // namespace daybook::sim
