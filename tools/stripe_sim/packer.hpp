// Documents at rest: JSON compressed with what documents of the same kind have in common.
#pragma once

#include <tools/stripe_sim/json.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace daybook::sim {

/// The first text that is packed becomes the dictionary of all that follow. Not thread-safe.
class Packer {
public:
    Packer();
    ~Packer();
    Packer(Packer&&) noexcept;
    Packer& operator=(Packer&&) noexcept;

    std::string pack(std::string_view text);
    [[nodiscard]] std::string unpack(std::string_view packed) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::sim
