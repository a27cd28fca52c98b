#include "common/settings.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const setting_t table[] = {
    SETTING_KAFKA,
    {"COMMIT_INTERVAL_MS", "100", "time between commits, ms"},
    {"OUT", NULL, "where to"},
    {"JSON", "false", "prints JSON"},
    {NULL, NULL, NULL},
};

static const setting_t other_table[] = {{"LIMIT", "3", "limit"}, {NULL, NULL, NULL}};

static const command_t command = {
    .name = "probe", .summary = "s", .arguments = "[FILE...]", .settings = table};
static const command_t no_arguments = {.name = "bare", .summary = "s", .settings = other_table};
static const command_t *const commands[] = {&command, &no_arguments, NULL};

static char path[64];

static void write_file(const char *text) {
    strcpy(path, "/tmp/amlstream-settings-XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    setenv("AMLSTREAM_CONFIG", path, 1);
}

static void clear(void) {
    if (*path) unlink(path);
    *path = '\0';
    unsetenv("AMLSTREAM_CONFIG");
    unsetenv("AMLSTREAM_COMMIT_INTERVAL_MS");
    unsetenv("KAFKA_BOOTSTRAP_SERVERS");
    unsetenv("AMLSTREAM_KAFKA_BOOTSTRAP_SERVERS");
    unsetenv("AMLSTREAM_KAFKA_MESSAGE_MAX_BYTES");
    settings_register(commands);
}

#define ARGS(...)                                                                                            \
    (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[]) { __VA_ARGS__ }

static void check_usage(err_t *err, const char *part) {
    ck_assert_msg(err, "no error that says %s", part);
    ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
    ck_assert_msg(strstr(err_message(err), part), "\"%s\" does not say \"%s\"", err_message(err), part);
    err_free(err);
}

START_TEST(flags_win_over_environment_over_file_over_default) {
    settings_t *settings = NULL;
    int64_t value;
    must(settings_new(&command, 0, NULL, &settings));
    ck_assert_str_eq(settings_get(settings, "COMMIT_INTERVAL_MS"), "100");
    ck_assert_ptr_null(settings_get(settings, "OUT"));
    settings_free(settings);
    write_file("# comment\nCOMMIT_INTERVAL_MS = 200 # why\nexport AMLSTREAM_OUT=\"a b\"\nLIMIT=9\n");
    must(settings_new(&command, 0, NULL, &settings));
    ck_assert_str_eq(settings_get(settings, "COMMIT_INTERVAL_MS"), "200");
    ck_assert_str_eq(settings_get(settings, "OUT"), "a b");
    settings_free(settings);
    setenv("AMLSTREAM_COMMIT_INTERVAL_MS", "300", 1);
    must(settings_new(&command, 0, NULL, &settings));
    ck_assert_str_eq(settings_get(settings, "COMMIT_INTERVAL_MS"), "300");
    settings_free(settings);
    must(settings_new(&command, ARGS("--commit-interval-ms", "400", "--json", "a", "--", "--b"), &settings));
    ck_assert_ptr_null(settings_int(settings, "COMMIT_INTERVAL_MS", 1, 1000, &value));
    ck_assert_int_eq(value, 400);
    ck_assert(settings_is_on(settings, "JSON"));
    ck_assert_int_eq(settings_argument_count(settings), 2);
    ck_assert_str_eq(settings_argument(settings, 1), "--b");
    settings_free(settings);
}
END_TEST

START_TEST(a_hash_inside_a_value_is_kept) {
    settings_t *settings = NULL;
    write_file("OUT=a#b\n");
    must(settings_new(&command, 0, NULL, &settings));
    ck_assert_str_eq(settings_get(settings, "OUT"), "a#b");
    settings_free(settings);
}
END_TEST

START_TEST(a_misspelt_name_is_answered_with_the_nearest) {
    settings_t *settings = NULL;
    check_usage(settings_new(&command, ARGS("--comit-interval-ms", "3"), &settings), "--commit-interval-ms?");
    check_usage(settings_new(&command, ARGS("--zzzzzz=3"), &settings), "there is no flag --zzzzzz");
    check_usage(settings_new(&command, ARGS("-x"), &settings), "there is no flag -x");
    check_usage(settings_new(&command, ARGS("--out"), &settings), "--out needs a value");
    check_usage(settings_new(&no_arguments, ARGS("surplus"), &settings), "unexpected argument \"surplus\"");
    check_usage(settings_new(&command, ARGS("--log-level=loud"), &settings), "LOG_LEVEL is \"loud\"");
    write_file("\nCOMMIT_INTERVAL=3\n");
    check_usage(settings_new(&command, 0, NULL, &settings),
                "line 2: there is no setting COMMIT_INTERVAL; did you mean");
    clear();
    write_file("nonsense\n");
    check_usage(settings_new(&command, 0, NULL, &settings), "line 1: \"nonsense\" is not NAME=value");
    setenv("AMLSTREAM_CONFIG", "/nonexistent/file", 1);
    check_usage(settings_new(&command, 0, NULL, &settings), "/nonexistent/file");
}
END_TEST

START_TEST(a_number_out_of_range_is_refused_with_the_range) {
    static char *const bad[] = {"", "x", "3x", "0", "11", "99999999999999999999", "1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        settings_t *settings = NULL;
        int64_t value;
        must(settings_new(&command, ARGS("--commit-interval-ms", bad[i]), &settings));
        check_usage(settings_int(settings, "COMMIT_INTERVAL_MS", 1, 10, &value), "whole number from 1 to 10");
        settings_free(settings);
    }
}
END_TEST

START_TEST(any_librdkafka_property_can_be_set) {
    settings_t *settings = NULL;
    const char *name, *value;
    setenv("AMLSTREAM_KAFKA_MESSAGE_MAX_BYTES", "5", 1);
    must(settings_new(&command, ARGS("--kafka-linger-ms=7", "--kafka-message-max-bytes", "6"), &settings));
    ck_assert(settings_kafka_property(settings, 0, &name, &value));
    ck_assert_str_eq(name, "linger.ms");
    ck_assert_str_eq(value, "7");
    ck_assert(settings_kafka_property(settings, 1, &name, &value));
    ck_assert_str_eq(name, "message.max.bytes");
    ck_assert_str_eq(value, "6");
    ck_assert(!settings_kafka_property(settings, 2, &name, &value));
    settings_free(settings);
}
END_TEST

START_TEST(the_brokers_are_named_with_or_without_prefix) {
    settings_t *settings = NULL;
    const char *name, *value;
    setenv("KAFKA_BOOTSTRAP_SERVERS", "a:1", 1);
    must(settings_new(&command, 0, NULL, &settings));
    ck_assert_str_eq(settings_get(settings, "KAFKA_BOOTSTRAP_SERVERS"), "a:1");
    settings_free(settings);
    setenv("AMLSTREAM_KAFKA_BOOTSTRAP_SERVERS", "b:1", 1);
    must(settings_new(&command, 0, NULL, &settings));
    ck_assert_str_eq(settings_get(settings, "KAFKA_BOOTSTRAP_SERVERS"), "b:1");
    ck_assert(!settings_kafka_property(settings, 0, &name, &value));
    settings_free(settings);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        flags_win_over_environment_over_file_over_default,
        a_hash_inside_a_value_is_kept,
        a_misspelt_name_is_answered_with_the_nearest,
        a_number_out_of_range_is_refused_with_the_range,
        any_librdkafka_property_can_be_set,
        the_brokers_are_named_with_or_without_prefix,
        NULL,
    };
    TCase *group = suite_group("settings", tests, 60);
    tcase_add_checked_fixture(group, clear, clear);
    return suite_run_groups("settings", (TCase *const[]){group, NULL});
}
