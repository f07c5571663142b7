// For std::unique_ptr: what a C library made is given back by a function of that library.
#pragma once

namespace daybook {

/// std::unique_ptr<ZSTD_CCtx, Release<ZSTD_freeCCtx>>
template <auto release>
struct Release {
    template <class T>
    void operator()(T* pointer) const {
        release(pointer);
    }
};

}  // namespace daybook
