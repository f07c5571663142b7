#include <ledger/json_text.hpp>
#include <ledger/logging.hpp>

#include <fmt/chrono.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

namespace daybook::logging {
namespace {

// Between the message and its fields, which are already written in the format of the process.
constexpr char separator = '\x1f';

/// RFC 3339 with milliseconds, UTC.
std::string time_text(spdlog::log_clock::time_point time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), millis.count());
}

std::string_view level_text(spdlog::level::level_enum level) {
    return level == spdlog::level::warn
               ? "warn"
               : std::string_view(to_string_view(level).data(), to_string_view(level).size());
}

class LineFormatter : public spdlog::formatter {
public:
    explicit LineFormatter(Format format) : format_(format) {}

    void format(const spdlog::details::log_msg& entry, spdlog::memory_buf_t& out) override {
        std::string_view message(entry.payload.data(), entry.payload.size());
        std::string_view fields;
        if (const auto at = message.find(separator); at != std::string_view::npos) {
            fields = message.substr(at + 1);
            message = message.substr(0, at);
        }
        while (message.ends_with('\n'))
            message.remove_suffix(1);
        std::string line;
        if (format_ == Format::json) {
            line = JsonObject()
                       .text("time", time_text(entry.time))
                       .text("level", level_text(entry.level))
                       .text("message", message)
                       .str();
            line.insert(line.size() - 1, fields);
        } else {
            line = fmt::format("{} {:<5} {}{}", time_text(entry.time), level_text(entry.level),
                               message, fields);
            std::ranges::replace(line, '\n', ' ');  // libpq's messages have several lines
        }
        line += '\n';
        out.append(line.data(), line.data() + line.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineFormatter>(format_);
    }

private:
    Format format_;
};

Format process_format = Format::text;

std::shared_ptr<spdlog::logger> make_logger(Format format) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_formatter(std::make_unique<LineFormatter>(format));
    return std::make_shared<spdlog::logger>("daybook", std::move(sink));
}

spdlog::logger& logger() {
    static const bool installed = [] {
        spdlog::set_default_logger(make_logger(Format::text));
        return true;
    }();
    static_cast<void>(installed);
    return *spdlog::default_logger_raw();
}

std::string with_fields(std::string_view message, Fields fields) {
    std::string line(message);
    if (fields.size() == 0) return line;
    line += separator;
    for (const auto& field : fields) {
        line += process_format == Format::json ? ',' : ' ';
        const bool plain =
            field.is_number() || (process_format == Format::text &&
                                  field.value().find_first_of(" \"\\\n\t") == std::string::npos);
        if (process_format == Format::json) {
            append_json_string(line, field.name());
            line += ':';
        } else {
            line += field.name();
            line += '=';
        }
        if (plain)
            line += field.value();
        else
            append_json_string(line, field.value());
    }
    return line;
}

void write(spdlog::level::level_enum level, std::string_view message, Fields fields) {
    auto& log = logger();
    if (log.should_log(level)) log.log(level, spdlog::string_view_t(with_fields(message, fields)));
}

}  // namespace

void set_up(std::string_view level, Format format) {
    logger();  // our default first, or it would replace this one later
    process_format = format;
    spdlog::set_default_logger(make_logger(format));
    spdlog::default_logger_raw()->set_level(spdlog::level::from_str(std::string(level)));
    spdlog::default_logger_raw()->flush_on(spdlog::level::info);
}

void debug(std::string_view message, Fields fields) {
    write(spdlog::level::debug, message, fields);
}
void info(std::string_view message, Fields fields) {
    write(spdlog::level::info, message, fields);
}
void warn(std::string_view message, Fields fields) {
    write(spdlog::level::warn, message, fields);
}
void error(std::string_view message, Fields fields) {
    write(spdlog::level::err, message, fields);
}

}  // namespace daybook::logging
