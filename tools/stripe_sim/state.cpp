// One JSON document a line, each {"<part>": ...}, compressed as one stream.
#include <tools/stripe_sim/state.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <zstd.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace daybook::sim {
namespace {

constexpr std::int64_t format = 1;
constexpr int level = 3;
constexpr std::size_t buffer_bytes = 1 << 20;

class File {
public:
    File(std::filesystem::path path, int flags)
        : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, 0600)) {
        if (descriptor_ < 0) fail("open");
    }
    ~File() { ::close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) fail("write");
            if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    [[nodiscard]] std::size_t read(char* into, std::size_t size) const {
        for (;;) {
            const auto got = ::read(descriptor_, into, size);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) fail("read");
        }
    }

    void sync() const {
        if (::fsync(descriptor_) != 0) fail("sync");
    }

private:
    [[noreturn]] void fail(const char* verb) const {
        throw BadState(fmt::format("cannot {} the state file {}: {}", verb, path_.string(),
                                   std::strerror(errno)));
    }

    std::filesystem::path path_;
    int descriptor_;
};

class Writer {
public:
    explicit Writer(const File& file) : file_(file), context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    }

    void line(std::string_view part, const json::value& value) {
        fmt::format_to(std::back_inserter(pending_), "{{\"{}\":", part);
        append_compact(pending_, value);
        pending_ += "}\n";
        if (pending_.size() >= buffer_bytes) flush(ZSTD_e_continue);
    }

    void end() { flush(ZSTD_e_end); }

private:
    void flush(ZSTD_EndDirective how) {
        ZSTD_inBuffer in{pending_.data(), pending_.size(), 0};
        for (bool done = false; !done;) {
            ZSTD_outBuffer out{packed_.data(), packed_.size(), 0};
            const auto left = ZSTD_compressStream2(context_.get(), &out, &in, how);
            invariant(!ZSTD_isError(left));
            file_.write({packed_.data(), out.pos});
            done = how == ZSTD_e_end ? left == 0 : in.pos == in.size;
        }
        pending_.clear();
    }

    const File& file_;
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_;
    std::string pending_;
    std::string packed_ = std::string(buffer_bytes, '\0');
};

class Reader {
public:
    Reader(const File& file, const std::filesystem::path& path)
        : file_(file), path_(path), context_(ZSTD_createDCtx(), ZSTD_freeDCtx) {}

    /// The next document, or nothing at the end.
    std::optional<json::object> next() {
        for (;;) {
            const auto end = text_.find('\n', from_);
            if (end != std::string::npos) {
                const auto line = std::string_view(text_).substr(from_, end - from_);
                from_ = end + 1;
                return std::move(json::parse(line).as_object());
            }
            if (!more()) return std::nullopt;
        }
    }

private:
    bool more() {
        text_.erase(0, from_);
        from_ = 0;
        if (in_.pos == in_.size) {
            in_ = {packed_.data(), file_.read(packed_.data(), packed_.size()), 0};
            if (in_.size == 0) {
                if (!whole_ || !text_.empty())
                    throw BadState(
                        fmt::format("the state file {} ends in the middle", path_.string()));
                return false;
            }
        }
        const auto begin = text_.size();
        text_.resize(begin + buffer_bytes);
        ZSTD_outBuffer out{text_.data() + begin, buffer_bytes, 0};
        const auto left = ZSTD_decompressStream(context_.get(), &out, &in_);
        if (ZSTD_isError(left))
            throw BadState(fmt::format("the state file {} is damaged", path_.string()));
        whole_ = left == 0;
        text_.resize(begin + out.pos);
        return true;
    }

    const File& file_;
    const std::filesystem::path& path_;
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
    std::string packed_ = std::string(buffer_bytes, '\0');
    ZSTD_inBuffer in_{nullptr, 0, 0};
    std::string text_;
    std::size_t from_ = 0;
    bool whole_ = false;
};

void write_world(World& world, Writer& out) {
    out.line("world", json::object{{"format", format},
                                   {"version", world.spec.version()},
                                   {"now", world.clock.now()},
                                   {"ids", world.ids.position()},
                                   {"platform", world.platform_id},
                                   {"application", world.application_id}});
    for (const auto& [account, type] : world.store.shelves())
        world.store.each(account, type, [&](const json::object& document) {
            out.line("object", json::array{account, type, document});
        });
    for (std::size_t number = 0; number < world.events.count(); ++number) {
        const auto& head = world.events.head(number);
        out.line("event", json::array{json::string(head.account), head.pending_webhooks,
                                      json::parse(world.events.text(number))});
    }
    out.line("balances", world.balances.saved());
    for (const auto& [when, task] : world.tasks.all())
        out.line("task", json::array{when.first, task.kind, task.account, task.id});
    world.idempotency.save([&out](json::object entry) { out.line("key", std::move(entry)); });
    out.line("deliveries", world.deliveries.saved());
    out.line("faults", world.faults.saved());
    out.line("end", true);
}

/// A document in place of the one that a new world may have made by itself.
void read_object(Store& store, const json::array& saved) {
    const std::string_view account = saved.at(0).as_string();
    const std::string_view type = saved.at(1).as_string();
    const auto& document = saved.at(2).as_object();
    store.erase(account, type, text(document, "id"));
    store.put(account, type, document);
}

void read_event(World& world, const json::array& saved) {
    world.events.restore(std::string_view(saved.at(0).as_string()), saved.at(2).as_object());
    world.events.set_pending(world.events.count() - 1, saved.at(1).to_number<std::int32_t>());
}

void read_part(World& world, std::string_view part, const json::value& value) {
    if (part == "object") {
        read_object(world.store, value.as_array());
        world.store.rest();
    } else if (part == "event") {
        read_event(world, value.as_array());
    } else if (part == "balances") {
        world.balances.restore(value.as_object());
    } else if (part == "task") {
        const auto& saved = value.as_array();
        const auto word = [&saved](std::size_t i) {
            return std::string(std::string_view(saved.at(i).as_string()));
        };
        world.tasks.schedule(saved.at(0).as_int64(), {word(1), word(2), word(3)});
    } else if (part == "key") {
        world.idempotency.restore(value.as_object());
    } else if (part == "deliveries") {
        world.deliveries.resume(value.as_array());
    } else if (part == "faults") {
        world.faults.resume(value.as_object());
    }
}

void read_head(World& world, const std::filesystem::path& file, const json::object& head) {
    if (integer(head, "format") != format)
        throw BadState(
            fmt::format("the state file {} is of another version of the simulator", file.string()));
    world.ids.resume(std::string(text(head, "ids")));
    world.platform_id = text(head, "platform");
    world.application_id = text(head, "application");
    world.clock.resume_at(integer(head, "now"));
}

}  // namespace

void save_state(World& world, const std::filesystem::path& file) {
    auto fresh = file;
    fresh += ".new";
    {
        const File out(fresh, O_WRONLY | O_CREAT | O_TRUNC);
        Writer writer(out);
        write_world(world, writer);
        writer.end();
        out.sync();
    }
    std::error_code error;
    std::filesystem::rename(fresh, file, error);
    if (error)
        throw BadState(
            fmt::format("cannot replace the state file {}: {}", file.string(), error.message()));
    const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    File(directory, O_RDONLY | O_DIRECTORY).sync();
}

void load_state(World& world, const std::filesystem::path& file) {
    const File in(file, O_RDONLY);
    Reader reader(in, file);
    bool ended = false;
    try {
        while (const auto line = reader.next()) {
            const auto& [part, value] = *line->begin();
            if (part == "world")
                read_head(world, file, value.as_object());
            else
                read_part(world, part, value);
            ended = part == "end";
        }
    } catch (const boost::system::system_error&) {
        throw BadState(fmt::format("the state file {} is damaged", file.string()));
    } catch (const std::exception& error) {
        if (dynamic_cast<const BadState*>(&error)) throw;
        throw BadState(
            fmt::format("the state file {} is damaged: {}", file.string(), error.what()));
    }
    if (!ended) throw BadState(fmt::format("the state file {} ends in the middle", file.string()));
}

}  // namespace daybook::sim
