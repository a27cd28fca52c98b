/* `amlstream watch` on a terminal and into a pipe, while the API is away. */
#include "common/signals.h"
#include "tests/support/suite.h"
#include "tools/watch.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h"
#define LEAVE "\033[?25h\033[?1049l"

enum { WAIT_MS = 10000 };

static char output[256 * 1024];
static size_t size;

static void watch_main(char **flags, int count) {
    settings_t *settings;
    signals_init();
    err_t *err = settings_new(&watch_command, count, flags, &settings);
    if (!err) {
        err = watch_command.run(settings);
        settings_free(settings);
    }
    int code = err ? err_exit_code(err) : EXIT_OK;
    err_free(err);
    exit(code);
}

/* Reads until the text has come; false when the other side closed or time is over. */
static bool read_until(int from, const char *text) {
    struct pollfd ready = {.fd = from, .events = POLLIN};
    while (!strstr(output, text)) {
        ck_assert_uint_lt(size, sizeof output - 1);
        if (poll(&ready, 1, WAIT_MS) <= 0) return false;
        ssize_t got = read(from, output + size, sizeof output - 1 - size);
        if (got <= 0) return false;
        size += (size_t)got;
        output[size] = '\0';
    }
    return true;
}

static int code_of(pid_t child) {
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static pid_t on_terminal(int *terminal, unsigned short columns, unsigned short lines) {
    static char *flags[] = {"--api", "http://127.0.0.1:1", "--hint", "that is all"};
    struct winsize window = {.ws_col = columns, .ws_row = lines};
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    pid_t child = forkpty(terminal, NULL, NULL, &window);
    ck_assert_int_ge(child, 0);
    if (child == 0) watch_main(flags, 4);
    return child;
}

static bool echoes(int terminal) {
    struct termios ways;
    ck_assert_int_eq(tcgetattr(terminal, &ways), 0);
    return ways.c_lflag & ECHO;
}

static const int signals[] = {SIGTERM, SIGINT};

START_TEST(the_terminal_is_given_back_as_it_was) {
    int terminal;
    pid_t child = on_terminal(&terminal, 80, 24);
    ck_assert(read_until(terminal, "that is all"));
    ck_assert_ptr_nonnull(strstr(output, ENTER));
    ck_assert_ptr_nonnull(strstr(output, "the API has not answered"));
    ck_assert_ptr_null(strstr(output, LEAVE));
    ck_assert(!echoes(terminal));
    kill(child, signals[_i]);
    ck_assert(read_until(terminal, LEAVE));
    ck_assert_int_eq(code_of(child), EXIT_OK);
    ck_assert(echoes(terminal));
    close(terminal);
}
END_TEST

START_TEST(a_new_size_is_drawn_at_once) {
    int terminal;
    pid_t child = on_terminal(&terminal, 200, 24);
    ck_assert(read_until(terminal, "that is all"));
    struct winsize window = {.ws_col = 8, .ws_row = 24};
    ck_assert_int_eq(ioctl(terminal, TIOCSWINSZ, &window), 0);
    ck_assert(read_until(terminal, "that is…"));
    kill(child, SIGTERM);
    ck_assert(read_until(terminal, LEAVE));
    ck_assert_int_eq(code_of(child), EXIT_OK);
    close(terminal);
}
END_TEST

static pid_t into_pipe(int *end, char **flags, int count) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]), close(ends[1]);
        watch_main(flags, count);
    }
    close(ends[1]);
    *end = ends[0];
    return child;
}

START_TEST(into_a_pipe_it_writes_lines) {
    static char *flags[] = {"--api", "http://127.0.0.1:1"};
    int end;
    pid_t child = into_pipe(&end, flags, 2);
    ck_assert(read_until(end, "\n"));
    ck_assert_ptr_nonnull(strstr(output, "Z no answer, "));
    ck_assert_ptr_null(strchr(output, '\033'));
    kill(child, SIGTERM);
    ck_assert_int_eq(code_of(child), EXIT_OK);
    close(end);
}
END_TEST

START_TEST(once_tells_by_its_code_that_the_api_is_away) {
    static char *flags[] = {"--api", "http://127.0.0.1:1", "--once", "--json"};
    int end;
    pid_t child = into_pipe(&end, flags, 4);
    ck_assert(read_until(end, "\n"));
    ck_assert_ptr_nonnull(strstr(output, "\"status\":null"));
    ck_assert_int_eq(code_of(child), EXIT_UNAVAILABLE);
    close(end);
}
END_TEST

START_TEST(an_address_that_is_none_is_refused) {
    static char *flags[] = {"--api", "127.0.0.1:8080"};
    int end;
    ck_assert_int_eq(code_of(into_pipe(&end, flags, 2)), EXIT_USAGE);
    close(end);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_new_size_is_drawn_at_once,
        into_a_pipe_it_writes_lines,
        once_tells_by_its_code_that_the_api_is_away,
        an_address_that_is_none_is_refused,
        NULL,
    };
    TCase *group = suite_group("watch", tests, 60);
    tcase_add_loop_test(group, the_terminal_is_given_back_as_it_was, 0, sizeof signals / sizeof *signals);
    return suite_run_groups("watch", (TCase *const[]){group, NULL});
}
