// zstd with a raw-content dictionary.
#include <tools/stripe_sim/packer.hpp>

#include <ledger/invariant.hpp>
#include <ledger/release.hpp>

#include <zstd.h>

namespace daybook::sim {
namespace {

constexpr int level = -3;  // half the time of level 1
constexpr std::size_t dictionary_bytes_max = 16 * 1024;

}  // namespace

class Packer::Impl {
public:
    void learn(std::string_view sample) {
        const auto use = sample.substr(0, dictionary_bytes_max);
        write_.reset(ZSTD_createCDict(use.data(), use.size(), level));
        read_.reset(ZSTD_createDDict(use.data(), use.size()));
    }

    std::string pack(std::string_view text) {
        if (!write_) learn(text);
        const auto bound = ZSTD_compressBound(text.size());
        if (room_.size() < bound) room_.resize(bound);
        const auto size = ZSTD_compress_usingCDict(context_.get(), room_.data(), room_.size(),
                                                   text.data(), text.size(), write_.get());
        invariant(!ZSTD_isError(size));
        return {room_.data(), size};
    }

    std::string unpack(std::string_view packed) const {
        const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
        invariant(size != ZSTD_CONTENTSIZE_ERROR && size != ZSTD_CONTENTSIZE_UNKNOWN);
        std::string text(size, '\0');
        const auto got = ZSTD_decompress_usingDDict(reader_.get(), text.data(), text.size(),
                                                    packed.data(), packed.size(), read_.get());
        invariant(got == text.size());
        return text;
    }

private:
    std::string room_;
    std::unique_ptr<ZSTD_CCtx, Release<ZSTD_freeCCtx>> context_{ZSTD_createCCtx()};
    std::unique_ptr<ZSTD_DCtx, Release<ZSTD_freeDCtx>> reader_{ZSTD_createDCtx()};
    std::unique_ptr<ZSTD_CDict, Release<ZSTD_freeCDict>> write_;
    std::unique_ptr<ZSTD_DDict, Release<ZSTD_freeDDict>> read_;
};

Packer::Packer() : impl_(std::make_unique<Impl>()) {}
Packer::~Packer() = default;
Packer::Packer(Packer&&) noexcept = default;
Packer& Packer::operator=(Packer&&) noexcept = default;

std::string Packer::pack(std::string_view text) {
    return impl_->pack(text);
}

std::string Packer::unpack(std::string_view packed) const {
    return impl_->unpack(packed);
}

}  // namespace daybook::sim
