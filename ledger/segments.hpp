// Segments: the log once more, packed for whoever reads it from end to end.
//
// A segment holds some hundred rows that follow each other, as COPY sends them, in one zstd frame
// with a checksum (RFC 8878). Reading it costs Postgres a tenth of what the rows cost. The rows
// are the log, segments nothing but a copy: where they are missing or damaged the rows are read,
// and whoever empties their table loses time alone.
#pragma once

#include <ledger/log.hpp>

#include <functional>

namespace daybook {

/// With so many events behind it there is a segment to seal, however small they are.
constexpr std::int64_t segment_events_max = 1024;

/// The position up to which the log is sealed; 0 when it is not.
std::int64_t sealed_upto(pg::Connection& db, std::int32_t log_id);

/// Streams what is sealed of the range, from its beginning on, as `scan` does. Returns the position
/// it came to; what follows is for the rows to tell.
std::int64_t scan_sealed(pg::Connection& db, std::int32_t log_id, const LogRange& range,
                         const std::function<void(const LogRow&)>& row);

/// Seals what fills a segment behind the last one, up to this position at most, which must be in
/// the log. Reads over one connection and writes over the other. Returns how many events it sealed,
/// none while another node is at it. Throws std::runtime_error when a position is missing.
std::int64_t seal(pg::Connection& reading, pg::Connection& writing, std::int32_t log_id,
                  std::int64_t upto);

struct VerifiedSegments {
    std::int64_t segments = 0;
    std::int64_t altered = 0;  ///< those that do not hold what the rows of the log hold
};

/// Compares all segments with the rows, byte by byte, over two connections. `compared` hears after
/// each how many events it covers.
VerifiedSegments verify_segments(pg::Connection& reading, pg::Connection& rows, std::int32_t log_id,
                                 const std::function<void(std::int64_t events)>& compared);

}  // namespace daybook
