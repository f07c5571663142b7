#include <tools/daybook/progress.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace daybook::tools {
namespace {

constexpr std::int64_t bar_width = 30;
constexpr auto line_interval = std::chrono::seconds(2);  // where no terminal can redraw

volatile std::sig_atomic_t interrupted = 0;

/// Once: the signal's own action is back when the handler is called.
void on_interrupt(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
    for (const int signal : {SIGINT, SIGTERM})
        sigaction(signal, &action, nullptr);
}

std::string bar(const projections::Progress& progress) {
    if (progress.total <= 0) return {};
    const auto done = std::clamp(progress.done, std::int64_t{0}, progress.total);
    const auto filled = static_cast<std::size_t>(done * bar_width / progress.total);
    return fmt::format("[{:<{}}] {:3}%  ", std::string(filled, '#'), bar_width,
                       done * 100 / progress.total);
}

}  // namespace

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) == 1) {
    on_interrupt([](int) { interrupted = 1; });
}

ProgressBar::~ProgressBar() {
    on_interrupt(SIG_DFL);
    if (drawn_) std::fputc('\n', stderr);
}

void ProgressBar::show(const projections::Progress& progress) {
    if (interrupted != 0) throw Interrupted();
    const auto now = Clock::now();
    const bool new_stage = stage_ != progress.stage;
    if (new_stage) {
        if (drawn_) std::fputc('\n', stderr);
        drawn_ = false;
        stage_ = progress.stage;
        stage_begin_ = now;
    }
    const bool complete = progress.total > 0 && progress.done >= progress.total;
    if (!terminal_ && !new_stage && !complete && now - last_line_ < line_interval) return;
    last_line_ = now;
    const auto seconds = std::chrono::duration<double>(now - stage_begin_).count();
    const auto rate =
        seconds > 0 ? static_cast<std::int64_t>(static_cast<double>(progress.done) / seconds) : 0;
    auto line = fmt::format("{:<8} {}{}", progress.stage, terminal_ ? bar(progress) : "",
                            progress.done > 0 ? grouped(progress.done) : "");
    if (progress.total > 0) line += fmt::format(" of {}", grouped(progress.total));
    if (rate > 0) line += fmt::format("  {}/s", grouped(rate));
    if (terminal_)
        fmt::print(stderr, "\r{}\x1b[K", line);  // and erase what a longer line left behind
    else
        fmt::print(stderr, "{}\n", line);
    drawn_ = terminal_;
    std::fflush(stderr);
}

}  // namespace daybook::tools
