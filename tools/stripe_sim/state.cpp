// One line per object, event, task, balance and key; the lines in frames of a megabyte.
#include <tools/stripe_sim/state.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <zstd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace daybook::sim {
namespace {

constexpr std::int64_t format_version = 1;
constexpr std::size_t frame_bytes = 1 << 20;
constexpr int level = 3;

class Writer {
public:
    explicit Writer(const std::string& path) : path_(path), file_(path, std::ios::binary) {}

    void line(const json::object& document) {
        append_compact(lines_, document);
        lines_ += '\n';
        if (lines_.size() >= frame_bytes) flush();
    }

    void close() {
        flush();
        file_.close();
        if (!file_) throw std::runtime_error("cannot write " + path_);
    }

private:
    void flush() {
        std::string packed(ZSTD_compressBound(lines_.size()), '\0');
        const auto size =
            ZSTD_compress(packed.data(), packed.size(), lines_.data(), lines_.size(), level);
        file_.write(packed.data(), static_cast<std::streamsize>(size));
        lines_.clear();
    }

    std::string path_;
    std::ofstream file_;
    std::string lines_;
};

/// Calls `take` with each line of the file.
template <class Take>
void read_lines(const std::string& path, Take take) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    const std::string packed(std::istreambuf_iterator<char>(file), {});
    std::string_view rest = packed;
    while (!rest.empty()) {
        const auto frame = ZSTD_findFrameCompressedSize(rest.data(), rest.size());
        const auto size = ZSTD_getFrameContentSize(rest.data(), rest.size());
        if (ZSTD_isError(frame) || size > 64 * frame_bytes)
            throw std::runtime_error(path + " is not a saved state");
        std::string lines(size, '\0');
        const auto got = ZSTD_decompress(lines.data(), lines.size(), rest.data(), frame);
        if (ZSTD_isError(got)) throw std::runtime_error(path + " is damaged");
        for (std::string_view left = lines; !left.empty();) {
            const auto end = left.find('\n');
            take(json::parse(left.substr(0, end)).as_object());
            left.remove_prefix(end + 1);
        }
        rest.remove_prefix(frame);
    }
}

void save_objects(World& world, Writer& out) {
    for (const auto& [owner, kind] : world.store.shelves())
        world.store.each(owner, kind, [&, &account = owner, &type = kind](const auto& document) {
            out.line(
                {{"line", "object"}, {"account", account}, {"type", type}, {"document", document}});
        });
}

void save_events(const World& world, Writer& out) {
    for (std::size_t i = 0; i < world.events.count(); ++i)
        out.line({{"line", "event"},
                  {"account", world.events.head(i).account},
                  {"document", world.events.get(i)}});
}

/// A document in place of the one that a new world may have made by itself.
void restore(Store& store, const json::object& line) {
    const auto& document = object(line, "document");
    store.erase(text(line, "account"), text(line, "type"), text(document, "id"));
    store.put(text(line, "account"), text(line, "type"), document);
}

void load_line(World& world, const json::object& line) {
    const auto kind = text(line, "line");
    if (kind == "object") {
        restore(world.store, line);
        world.store.rest();
    } else if (kind == "event") {
        world.events.restore(text(line, "account"), object(line, "document"));
    } else if (kind == "task") {
        world.tasks.schedule(integer(line, "at"),
                             {std::string(text(line, "kind")), std::string(text(line, "account")),
                              std::string(text(line, "id"))});
    } else if (kind == "balances") {
        world.balances.restore(line);
    } else if (kind == "key") {
        world.idempotency.restore(line);
    } else if (kind == "world") {
        if (integer(line, "version") != format_version)
            throw std::runtime_error("the saved state is of another version of the simulator");
        world.clock.resume_at(integer(line, "now"));
        world.ids.resume(std::string(text(line, "ids")));
        world.platform_id = text(line, "platform_id");
        world.application_id = text(line, "application_id");
    }
}

}  // namespace

void save_state(World& world, const std::string& path) {
    const auto unfinished = path + ".new";
    Writer out(unfinished);
    out.line({{"line", "world"},
              {"version", format_version},
              {"now", world.clock.now()},
              {"ids", world.ids.position()},
              {"platform_id", world.platform_id},
              {"application_id", world.application_id}});
    save_objects(world, out);
    save_events(world, out);
    for (const auto& [when, task] : world.tasks.all())
        out.line({{"line", "task"},
                  {"at", when.first},
                  {"kind", task.kind},
                  {"account", task.account},
                  {"id", task.id}});
    auto balances = world.balances.saved();
    balances["line"] = "balances";
    out.line(balances);
    world.idempotency.save([&out](json::object line) {
        line["line"] = "key";
        out.line(line);
    });
    out.close();
    std::filesystem::rename(unfinished, path);
}

void load_state(World& world, const std::string& path) {
    try {
        read_lines(path, [&world](const json::object& line) { load_line(world, line); });
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(fmt::format("{} is damaged: {}", path, error.what()));
    }
}

}  // namespace daybook::sim
