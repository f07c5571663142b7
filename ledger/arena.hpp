// A bump allocator for short-lived text: views stay valid until clear() or destruction.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace daybook {

/// One thread at a time. Blocks are kept over clear() so that a steady load allocates nothing.
class Arena {
public:
    std::string_view keep(std::string_view text) {
        if (text.empty()) return {};
        char* place = reserve(text.size());
        std::memcpy(place, text.data(), text.size());
        return {place, text.size()};
    }

    void clear() {
        block_ = 0;
        used_ = 0;
    }

private:
    static constexpr std::size_t block_bytes = std::size_t{64} << 10;
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };

    char* reserve(std::size_t size) {
        while (block_ < blocks_.size() && used_ + size > blocks_[block_].size) {
            ++block_;
            used_ = 0;
        }
        if (block_ == blocks_.size()) {
            const auto bytes = size > block_bytes ? size : block_bytes;
            blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
            used_ = 0;
        }
        char* place = blocks_[block_].bytes.get() + used_;
        used_ += size;
        return place;
    }

    std::vector<Block> blocks_;
    std::size_t block_ = 0;
    std::size_t used_ = 0;
};

}  // namespace daybook
