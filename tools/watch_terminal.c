#include "tools/watch_terminal.h"

#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/limits.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80, LINES_DEFAULT = 24, WAIT_STEP_MS = 50 };

static struct termios saved;
static bool is_saved; /* the terminal's ways were changed and are to be given back */
static atomic_bool resized;

bool terminal_is_there(void) { return isatty(STDOUT_FILENO); }

void terminal_size(int *columns, int *lines) {
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    *columns = known && size.ws_col > 0 ? size.ws_col : COLUMNS_DEFAULT;
    *lines = known && size.ws_row > 0 ? size.ws_row : LINES_DEFAULT;
    if (*columns > WATCH_COLUMNS_MAX) *columns = WATCH_COLUMNS_MAX;
    if (*lines > WATCH_LINES_MAX) *lines = WATCH_LINES_MAX;
}

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && *value;
}

bool terminal_wants_color(void) {
    const char *kind = getenv("TERM");
    return terminal_is_there() && !is_set("NO_COLOR") && kind && strcmp(kind, "dumb") != 0;
}

/* Where nobody has said anything of a language, as in most containers, the terminal is of today. */
bool terminal_takes_utf8(void) {
    if (!is_set("LC_ALL") && !is_set("LC_CTYPE") && !is_set("LANG")) return true;
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool write_all(const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static void write_text(const char *text) { write_all(text, strlen(text)); }

static void on_resize(int number) {
    (void)number;
    resized = true;
}

/* What is typed would stand in the middle of the view, and Ctrl-Z would leave a dead one behind. */
static void input_quiet(void) {
    struct termios quiet;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0) return;
    quiet = saved;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    is_saved = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
}

void terminal_enter(void) {
    struct sigaction action = {.sa_handler = on_resize};
    sigaction(SIGWINCH, &action, NULL);
    /* In the background of a shell, taking the terminal would stop the process. */
    signal(SIGTTOU, SIG_IGN);
    input_quiet();
    write_text("\033[?1049h\033[?25l\033[2J");
}

void terminal_leave(void) {
    write_text("\033[0m\033[?25h\033[?1049l");
    if (is_saved) tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
    is_saved = false;
}

bool terminal_draw(const buf_t *page) {
    buf_t bytes = {0};
    const char *at = page->data, *end = page->data + page->size;
    /* Between these two the terminal, where it can, shows nothing half done. */
    buf_add_str(&bytes, "\033[?2026h\033[H");
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        buf_add(&bytes, at, (size_t)((newline ? newline : end) - at));
        buf_add_str(&bytes, newline ? "\033[K\r\n" : "\033[K");
        at = newline ? newline + 1 : end;
    }
    buf_add_str(&bytes, "\033[J\033[?2026l");
    bool written = write_all(bytes.data, bytes.size);
    buf_clear(&bytes);
    return written;
}

void terminal_wait(int timeout_ms) {
    int64_t end_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    while (!resized && clock_monotonic_us() < end_us && !stop_wait(WAIT_STEP_MS)) {
    }
    resized = false;
}
