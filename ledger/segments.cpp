#include <ledger/segments.hpp>

#include <ledger/log_rows.hpp>
#include <ledger/pg/binary.hpp>
#include <ledger/release.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <zstd.h>
#include <boost/unordered/unordered_flat_set.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace daybook {
namespace {

// Little enough to stay in a core's cache while it is unpacked and parsed.
constexpr std::size_t segment_bytes = std::size_t{512} << 10;
// More than a segment and the largest event come to: whoever says so is damaged.
constexpr std::size_t plain_bytes_max = std::size_t{256} << 20;
constexpr int level = 1;

class Packer {
public:
    Packer() {
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    }
    std::string packed(std::string_view plain) {
        std::string out(ZSTD_compressBound(plain.size()), '\0');
        const auto size =
            ZSTD_compress2(context_.get(), out.data(), out.size(), plain.data(), plain.size());
        if (ZSTD_isError(size)) throw std::runtime_error(ZSTD_getErrorName(size));
        out.resize(size);
        return out;
    }

private:
    std::unique_ptr<ZSTD_CCtx, Release<ZSTD_freeCCtx>> context_{ZSTD_createCCtx()};
};

class Unpacker {
public:
    /// Nothing when this is not what was packed. Valid until the next call.
    std::optional<std::string_view> plain(std::string_view packed) {
        const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
        if (size > plain_bytes_max) return std::nullopt;  // as are the values for errors
        if (room_.size() < size) room_.resize(size);
        const auto got = ZSTD_decompressDCtx(context_.get(), room_.data(), room_.size(),
                                             packed.data(), packed.size());
        if (ZSTD_isError(got)) return std::nullopt;
        return std::string_view(room_).substr(0, got);
    }

private:
    std::unique_ptr<ZSTD_DCtx, Release<ZSTD_freeDCtx>> context_{ZSTD_createDCtx()};
    std::string room_;
};

/// The segments that hold something of the range. A damaged one comes as nothing.
using OnSegment = std::function<void(std::int64_t after, std::int64_t upto,
                                     std::optional<std::string_view> plain)>;

void each_segment(pg::Connection& db, std::int32_t log_id, std::int64_t after, std::int64_t upto,
                  const OnSegment& segment) {
    Unpacker unpacker;
    db.copy_out(
        fmt::format("COPY (SELECT after, upto, events FROM ledger.segments WHERE log_id = {0}"
                    " AND after < {2} AND after >= (SELECT max(after) FROM ledger.segments"
                    " WHERE log_id = {0} AND after <= {1}) ORDER BY after)"
                    " TO STDOUT (FORMAT binary)",
                    log_id, after, upto),
        [&](std::string_view fields) {
            const auto first = pg::take_number(fields);
            const auto last = pg::take_number(fields);
            auto plain = unpacker.plain(pg::take_field(fields));
            if (plain && !are_rows(*plain, first, last)) plain.reset();
            segment(first, last, plain);
        });
}

}  // namespace

std::int64_t sealed_upto(pg::Connection& db, std::int32_t log_id) {
    const auto last =
        db.run("SELECT upto FROM ledger.segments WHERE log_id = $1 ORDER BY after DESC LIMIT 1",
               pg::Params().number(log_id));
    return last.rows() == 0 ? 0 : last.number(0, 0);
}

std::int64_t scan_sealed(pg::Connection& db, std::int32_t log_id, const LogRange& range,
                         const std::function<void(const LogRow&)>& row) {
    const boost::unordered_flat_set<std::string_view> types(range.types.begin(), range.types.end());
    auto reached = range.after;
    bool chained = true;
    each_segment(db, log_id, range.after, range.upto, [&](auto after, auto upto, auto plain) {
        if (!plain)
            spdlog::error(
                "the segment of positions {} to {} is damaged; the rows of the log are read",
                after + 1, upto);
        chained = chained && plain && after <= reached;
        if (!chained) return;
        while (!plain->empty()) {
            const auto each = take_row(*plain);
            if (each.position <= reached || each.position > range.upto) continue;
            reached = each.position;
            if (range.livemode && each.livemode != *range.livemode) continue;
            if (types.empty() || types.contains(each.type)) row(each);
        }
    });
    return reached;
}

std::int64_t seal(pg::Connection& reading, pg::Connection& writing, std::int32_t log_id,
                  std::int64_t upto) {
    pg::Transaction write(writing);
    if (!writing
             .run("SELECT pg_try_advisory_xact_lock(hashtext('daybook segments'), $1::int)",
                  pg::Params().number(log_id))
             .boolean(0, 0))
        return 0;
    const auto before = sealed_upto(writing, log_id);
    auto after = before;
    auto position = after;
    std::string plain;
    Packer packer;
    pg::Transaction read(reading, "BEGIN READ ONLY");
    read_in_order(reading);
    copy_rows(reading, log_id, {after, upto, {}, {}}, [&](std::string_view fields) {
        plain += fields;
        if (pg::take_number(fields) != ++position)
            throw std::runtime_error(fmt::format("position {} is missing in the log", position));
        if (plain.size() < segment_bytes && position - after < segment_events_max) return;
        writing.run(
            "INSERT INTO ledger.segments (log_id, after, upto, events) VALUES ($1, $2, $3, $4)",
            pg::Params().number(log_id).number(after).number(position).binary(
                packer.packed(plain)));
        plain.clear();
        after = position;
    });
    read.commit();
    write.commit();
    return after - before;
}

VerifiedSegments verify_segments(pg::Connection& reading, pg::Connection& rows, std::int32_t log_id,
                                 const std::function<void(std::int64_t events)>& compared) {
    VerifiedSegments verified;
    const auto same = [&](std::int64_t after, std::int64_t upto, std::string_view plain) {
        bool equal = true;
        pg::Transaction transaction(rows, "BEGIN READ ONLY");
        read_in_order(rows);
        copy_rows(rows, log_id, {after, upto, {}, {}}, [&](std::string_view fields) {
            equal = equal && plain.starts_with(fields);
            if (equal) plain.remove_prefix(fields.size());
        });
        transaction.commit();
        return equal && plain.empty();
    };
    const auto end = sealed_upto(rows, log_id);
    for (std::int64_t begin = 0; begin < end; begin += positions_per_snapshot)
        each_segment(reading, log_id, begin, begin + positions_per_snapshot,
                     [&](auto after, auto upto, auto plain) {
                         if (after < begin) return;  // the slice before had it
                         ++verified.segments;
                         if (!plain || !same(after, upto, *plain)) ++verified.altered;
                         compared(upto - after);
                     });
    return verified;
}

}  // namespace daybook
