#include "common/http.h"
#include "common/http_url.h"
#include "tests/support/suite.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void handle_echo(const http_request_t *request, http_response_t *response, void *context) {
    (void)context;
    size_t size;
    const char *body = http_request_body(request, &size), *query = http_request_query(request, "q");
    const char *name = http_request_path_value(request, "name");
    buf_add_str(&response->body, "{\"name\":");
    buf_add_json_str(&response->body, name ? name : "", name ? strlen(name) : 0);
    buf_add_str(&response->body, ",\"q\":");
    buf_add_json_str(&response->body, query ? query : "none", query ? strlen(query) : 4);
    buf_printf(&response->body, ",\"size\":%zu,\"first\":%d}", size, size ? body[0] : 0);
}

static void handle_fixed(const http_request_t *request, http_response_t *response, void *context) {
    (void)request;
    buf_add_str(&response->body, context);
}

static const http_route_t routes[] = {
    {"GET", "/things/fixed", handle_fixed},   {"GET", "/things/{name}", handle_echo},
    {"POST", "/things", handle_echo},         {"GET", "/things/{name}/more/{other}", handle_echo},
    {"GET", "/health", http_handle_health},   {"GET", "/metrics", http_handle_metrics},
    {"GET", "/version", http_handle_version}, {NULL, NULL, NULL},
};

static http_server_t *server;
static struct timeval answer_within = {.tv_sec = 10};

static void start(void) { must(http_server_new("127.0.0.1:0", routes, "\"fixed\"", 2, &server)); }

static void stop(void) { http_server_free(server); }

static int connect_to(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int made = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &answer_within, sizeof answer_within);
    setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &answer_within, sizeof answer_within);
    ck_assert_int_eq(connect(made, (struct sockaddr *)&to, sizeof to), 0);
    return made;
}

static void send_all(int connection, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return; /* the server has closed: what it said is read all the same */
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* The whole answer to raw bytes; what came within the time limit, or until the server closed. */
static const char *exchange(const char *bytes, size_t size) {
    static char answer[64 * 1024];
    int connection = connect_to(http_server_port(server));
    send_all(connection, bytes, size);
    shutdown(connection, SHUT_WR);
    size_t got = 0;
    while (got < sizeof answer - 1) {
        ssize_t more = recv(connection, answer + got, sizeof answer - 1 - got, 0);
        if (more <= 0) break;
        got += (size_t)more;
    }
    answer[got] = '\0';
    close(connection);
    return answer;
}

static const char *ask(const char *method, const char *target) {
    char text[8192];
    int size =
        snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", method, target);
    return exchange(text, (size_t)size);
}

static int status_of(const char *answer) {
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static const char *body_of(const char *answer) {
    const char *at = strstr(answer, "\r\n\r\n");
    ck_assert_msg(at != NULL, "no body: %s", answer);
    return at + 4;
}

static bool still_lives(void) { return status_of(ask("GET", "/health")) == 200; }

START_TEST(a_path_finds_its_handler_and_values) {
    const char *answer = ask("GET", "/things/0xab");
    ck_assert_int_eq(status_of(answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nContent-Type: application/json\r\n"));
    ck_assert_str_eq(body_of(answer), "{\"name\":\"0xab\",\"q\":\"none\",\"size\":0,\"first\":0}");
    ck_assert_str_eq(body_of(ask("GET", "/things/fixed")), "\"fixed\"");
    ck_assert_str_eq(body_of(ask("GET", "/things/a/more/b?q=1")),
                     "{\"name\":\"a\",\"q\":\"1\",\"size\":0,\"first\":0}");
    ck_assert_str_eq(body_of(ask("GET", "/version")),
                     "{\"name\":\"amlstream\",\"version\":\"" AMLSTREAM_VERSION "\"}");
}
END_TEST

START_TEST(what_is_escaped_is_decoded_after_the_path_was_split) {
    ck_assert_str_eq(body_of(ask("GET", "/things/a%2Fb%20%C3%A9+%22?q=x%26y+z&q=2")),
                     "{\"name\":\"a/b \xc3\xa9+\\\"\",\"q\":\"x&y z\",\"size\":0,\"first\":0}");
    ck_assert_str_eq(body_of(ask("GET", "/things/..%2f..%2fetc%2fpasswd")),
                     "{\"name\":\"../../etc/passwd\",\"q\":\"none\",\"size\":0,\"first\":0}");
}
END_TEST

static const struct {
    const char *target;
    int status;
} unreadable[] = {
    {"/things/%", 400},
    {"/things/%4", 400},
    {"/things/%zz", 400},
    {"/things/a%00b", 400},
    {"/things/%ff", 400},
    {"/things/%c0%af", 400},
    {"/things/%ed%a0%80", 400},
    {"/things/a?q=%", 400},
    {"/things/a?%=1", 400},
    {"/things/a?q=%00", 400},
    {"/things/a?q=%f5%80%80%80", 400},
    {"/things/", 404},
    {"/things/a/b", 404},
    {"//things/a", 404},
    {"/../../etc/passwd", 404},
    {"/things/../health", 404},
    {"/", 404},
    {"*", 404},
    {"/health/", 404},
    {"/Health", 404},
    {"/things/a?&&&=&q", 200},
};

START_TEST(what_cannot_be_read_is_a_problem) {
    const char *answer = ask("GET", unreadable[_i].target);
    ck_assert_msg(status_of(answer) == unreadable[_i].status, "%s: %.300s", unreadable[_i].target, answer);
    json_t *body = json_loads(body_of(answer), 0, NULL);
    ck_assert_msg(body != NULL, "%s", answer);
    if (status_of(answer) != 200) {
        ck_assert_ptr_nonnull(strstr(answer, "application/problem+json"));
        ck_assert_int_eq(json_integer_value(json_object_get(body, "status")), status_of(answer));
        ck_assert(json_is_string(json_object_get(body, "title")));
        ck_assert(json_is_string(json_object_get(body, "detail")));
    }
    json_decref(body);
}
END_TEST

START_TEST(a_wrong_method_is_told_the_right_ones) {
    const char *answer = ask("DELETE", "/things/a");
    ck_assert_int_eq(status_of(answer), 405);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nAllow: GET, HEAD\r\n"));
    answer = ask("GET", "/things");
    ck_assert_int_eq(status_of(answer), 405);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nAllow: POST\r\n"));
    ck_assert_int_eq(status_of(ask("AVERYLONGMETHODTHATNOBODYKNOWS", "/things")), 405);
}
END_TEST

START_TEST(head_answers_as_get_without_the_body) {
    const char *answer = ask("HEAD", "/things/fixed");
    ck_assert_int_eq(status_of(answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nContent-Length: 7\r\n"));
    ck_assert_str_eq(body_of(answer), "");
}
END_TEST

START_TEST(a_request_id_comes_back_if_it_is_sound) {
    const char *sound =
        "GET /health HTTP/1.1\r\nHost: t\r\nX-Request-Id: abc-1.2_3\r\nConnection: close\r\n\r\n";
    ck_assert_ptr_nonnull(strstr(exchange(sound, strlen(sound)), "\r\nX-Request-Id: abc-1.2_3\r\n"));
    const char *unsound =
        "GET /health HTTP/1.1\r\nHost: t\r\nX-Request-Id: a\"b c\r\nConnection: close\r\n\r\n";
    const char *answer = exchange(unsound, strlen(unsound));
    ck_assert_ptr_nonnull(strstr(answer, "\r\nX-Request-Id: "));
    ck_assert_ptr_null(strstr(answer, "a\"b c"));
}
END_TEST

static const char *post(size_t announced, size_t sent) {
    char *text = calloc(1, sent + 256);
    int head = snprintf(
        text, 256, "POST /things HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
        announced);
    memset(text + head, 'x', sent);
    const char *answer = exchange(text, (size_t)head + sent);
    free(text);
    return answer;
}

START_TEST(a_body_is_whole_up_to_its_limit_and_refused_above) {
    ck_assert_str_eq(body_of(post(3, 3)), "{\"name\":\"\",\"q\":\"none\",\"size\":3,\"first\":120}");
    const char *whole = body_of(post(HTTP_BODY_SIZE_MAX, HTTP_BODY_SIZE_MAX));
    ck_assert_ptr_nonnull(strstr(whole, "\"size\":1048576,"));
    ck_assert_int_eq(status_of(post(HTTP_BODY_SIZE_MAX + 1, 100)), 413);
    ck_assert_int_eq(status_of(post(99999999999999, 100)), 413);
    ck_assert(still_lives());
}
END_TEST

START_TEST(a_body_without_a_length_is_refused_above_the_limit_too) {
    buf_t text = {0};
    buf_add_str(
        &text, "POST /things HTTP/1.1\r\nHost: t\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        buf_add_str(&text, "10000\r\n");
        memset(buf_reserve(&text, 65536), 'y', 65536);
        text.size += 65536;
        buf_add_str(&text, "\r\n");
    }
    buf_add_str(&text, "0\r\n\r\n");
    ck_assert_int_eq(status_of(exchange(text.data, text.size)), 413);
    buf_clear(&text);
    ck_assert(still_lives());
}
END_TEST

START_TEST(a_head_that_is_too_large_is_refused) {
    buf_t text = {0};
    buf_add_str(&text, "GET /health HTTP/1.1\r\nHost: t\r\nX-Large: ");
    for (int i = 0; i < HTTP_HEAD_SIZE_MAX; i++) buf_add_char(&text, 'h');
    buf_add_str(&text, "\r\n\r\n");
    int status = status_of(exchange(text.data, text.size));
    ck_assert_msg(status == 431 || status == 413 || status == 0, "%d", status);
    buf_reset(&text);
    buf_add_str(&text, "GET /health?");
    for (int i = 0; i < HTTP_HEAD_SIZE_MAX; i++) buf_add_char(&text, 'q');
    buf_add_str(&text, " HTTP/1.1\r\nHost: t\r\n\r\n");
    status = status_of(exchange(text.data, text.size));
    ck_assert_msg(status == 414 || status == 431 || status == 0, "%d", status);
    buf_reset(&text);
    buf_add_str(&text, "GET /health?");
    for (int i = 0; i < 100; i++) buf_add_str(&text, "a=1&");
    buf_add_str(&text, " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    ck_assert_int_eq(status_of(exchange(text.data, text.size)), 400);
    buf_clear(&text);
    ck_assert(still_lives());
}
END_TEST

/* Sound requests with bytes changed, taken out and put in. */
START_TEST(damaged_requests_do_no_harm) {
    uint64_t random = 20260402;
    static const char *const sound[] = {
        "GET /things/a%20b?q=1&r=%41 HTTP/1.1\r\nHost: t\r\nX-Request-Id: 1\r\nConnection: close\r\n\r\n",
        "POST /things HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        "POST /things HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nConnection: "
        "close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    };
    for (int round = 0; round < 600; round++) {
        char text[512];
        size_t size = strlen(strcpy(text, sound[round % 3]));
        for (uint32_t changes = 1 + random_below(&random, 6); changes; changes--) {
            size_t at = random_below(&random, (uint32_t)size);
            switch (random_below(&random, 3)) {
            case 0: text[at] = (char)random_below(&random, 256); break;
            case 1: memmove(text + at, text + at + 1, --size - at); break;
            default:
                memmove(text + at + 1, text + at, size++ - at);
                text[at] = "%&?/ \r\n:\xff"[random_below(&random, 9)];
            }
        }
        answer_within =
            (struct timeval){.tv_usec = 50000}; /* of what is not whole the server awaits the rest */
        exchange(text, size);
    }
    answer_within = (struct timeval){.tv_sec = 10};
    ck_assert(still_lives());
}
END_TEST

START_TEST(requests_are_counted_by_path) {
    ask("GET", "/things/fixed");
    const char *text = body_of(ask("GET", "/metrics"));
    ck_assert_ptr_nonnull(
        strstr(text, "amlstream_http_requests_total{method=\"GET\",path=\"/things/fixed\",status=\"2xx\"} "));
    ck_assert_ptr_null(strstr(text, "path=\"/things/a\""));
}
END_TEST

START_TEST(an_address_that_cannot_be_had_is_explained) {
    static const char *const wrong[] = {
        "",       "8080",    "127.0.0.1", ":8080",       "127.0.0.1:http", "127.0.0.1:70000",
        "::1:80", "[::1:80", "[]:80",     "127.0.0.1:-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        http_server_t *none = NULL;
        err_t *err = http_server_new(wrong[i], routes, NULL, 1, &none);
        ck_assert_msg(err != NULL, "%s was taken", wrong[i]);
        ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
        ck_assert_ptr_nonnull(strstr(err_message(err), "for example 127.0.0.1:8080"));
        err_free(err);
    }
    char taken[32];
    snprintf(taken, sizeof taken, "127.0.0.1:%d", http_server_port(server));
    http_server_t *second = NULL;
    err_t *err = http_server_new(taken, routes, NULL, 1, &second);
    ck_assert_ptr_nonnull(err);
    ck_assert_ptr_nonnull(strstr(err_message(err), taken));
    ck_assert_ptr_nonnull(strstr(err_message(err), "AMLSTREAM_HTTP_LISTEN"));
    err_free(err);
}
END_TEST

START_TEST(a_pattern_matches_whole_segments) {
    ck_assert(http_path_matches("/a/{x}", "/a/b"));
    ck_assert(http_path_matches("/a/{x}/c", "/a/b%2Fd/c"));
    ck_assert(!http_path_matches("/a/{x}", "/a/"));
    ck_assert(!http_path_matches("/a/{x}", "/a/b/"));
    ck_assert(!http_path_matches("/a/{x}", "/a/b/c"));
    ck_assert(!http_path_matches("/a/{x}/c", "/a/b"));
    ck_assert(!http_path_matches("/a", "/ab"));
    ck_assert(!http_path_matches("/ab", "/a"));
    ck_assert(!http_path_matches("/a", ""));
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_path_finds_its_handler_and_values,
        what_is_escaped_is_decoded_after_the_path_was_split,
        a_wrong_method_is_told_the_right_ones,
        head_answers_as_get_without_the_body,
        a_request_id_comes_back_if_it_is_sound,
        a_body_is_whole_up_to_its_limit_and_refused_above,
        a_body_without_a_length_is_refused_above_the_limit_too,
        a_head_that_is_too_large_is_refused,
        damaged_requests_do_no_harm,
        requests_are_counted_by_path,
        an_address_that_cannot_be_had_is_explained,
        a_pattern_matches_whole_segments,
        NULL,
    };
    TCase *group = suite_group("http", tests, 60);
    tcase_add_checked_fixture(group, start, stop);
    tcase_add_loop_test(group, what_cannot_be_read_is_a_problem, 0, sizeof unreadable / sizeof *unreadable);
    return suite_run_groups("http", (TCase *const[]){group, NULL});
}
