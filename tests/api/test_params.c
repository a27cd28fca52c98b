#include "api/limits.h"
#include "api/params.h"
#include "common/http_internal.h"
#include "tests/support/suite.h"

#include <jansson.h>
#include <string.h>

static http_request_t request;
static http_response_t response;

static void start(void) {
    request = (http_request_t){0};
    response = (http_response_t){.status = 200};
}

static void stop(void) { buf_clear(&response.body); }

static void give(const char *name, const char *value) {
    request.parameters[request.parameter_count++] = (http_pair_t){name, value};
}

/* That the response is a problem of status 400 which names the parameter and holds `said`. */
static void is_refused(const char *parameter, const char *said) {
    ck_assert_int_eq(response.status, 400);
    json_t *problem = json_loadb(response.body.data, response.body.size, 0, NULL);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(json_string_value(json_object_get(problem, "parameter")), parameter);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    ck_assert_msg(strstr(detail, said) != NULL, "\"%s\" does not say \"%s\"", detail, said);
    json_decref(problem);
}

START_TEST(an_unknown_parameter_is_told_the_known_ones) {
    give("limit", "1");
    give("limti", "2");
    ck_assert(!params_check(&request, &response, (const char *[]){"limit", "wallet", NULL}));
    is_refused("limti", "it takes limit, wallet");
}
END_TEST

START_TEST(a_path_without_parameters_says_so) {
    give("x", "1");
    ck_assert(!params_check(&request, &response, (const char *[]){NULL}));
    is_refused("x", "it takes none");
}
END_TEST

START_TEST(a_parameter_stands_once) {
    give("limit", "1");
    give("limit", "1");
    ck_assert(!params_check(&request, &response, (const char *[]){"limit", NULL}));
    is_refused("limit", "more than once");
}
END_TEST

START_TEST(an_integer_is_taken_within_its_range) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"1", 1}, {"1000", 1000}, {"007", 7}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t value = -1;
        request.parameter_count = 0;
        give("limit", good[i].text);
        ck_assert(param_int(&request, &response, "limit", 1, 1000, 50, &value));
        ck_assert_int_eq(value, good[i].value);
    }
    int64_t absent;
    ck_assert(param_int(&request, &response, "other", 1, 1000, 50, &absent));
    ck_assert_int_eq(absent, 50);
}
END_TEST

static const char *const not_integers[] = {"",
                                           "0",
                                           "1001",
                                           "-1",
                                           "+1",
                                           " 1",
                                           "1 ",
                                           "1.0",
                                           "1e2",
                                           "0x10",
                                           "ten",
                                           "1;2",
                                           "--1",
                                           "1-",
                                           "-",
                                           "١",
                                           "NaN",
                                           "99999999999999999999",
                                           "1' OR '1'='1"};

START_TEST(what_is_no_integer_of_the_range_is_refused) {
    int64_t value;
    give("limit", not_integers[_i]);
    ck_assert_msg(!param_int(&request, &response, "limit", 1, 1000, 50, &value), "%s", not_integers[_i]);
    is_refused("limit", "a whole number from 1 to 1000");
}
END_TEST

static const char *const not_numbers[] = {"",      "-1", "100.1", "nan",   "inf",
                                          "0x1p3", " 1", "1,5",   "1e999", "."};

START_TEST(what_is_no_number_of_the_range_is_refused) {
    bool given;
    double value;
    give("min_score", not_numbers[_i]);
    ck_assert_msg(!param_number(&request, &response, "min_score", 0, 100, &given, &value), "%s",
                  not_numbers[_i]);
    is_refused("min_score", "a number from 0 to 100");
}
END_TEST

START_TEST(a_number_may_have_a_fraction) {
    bool given;
    double value;
    give("min_score", "72.5");
    ck_assert(param_number(&request, &response, "min_score", 0, 100, &given, &value));
    ck_assert(given);
    ck_assert_double_eq(value, 72.5);
    ck_assert(param_number(&request, &response, "other", 0, 100, &given, &value));
    ck_assert(!given);
}
END_TEST

START_TEST(a_choice_is_one_of_the_allowed) {
    static const char *const levels[] = {"low", "high", NULL};
    const char *level;
    give("level", "high");
    ck_assert(param_choice(&request, &response, "level", levels, &level));
    ck_assert_str_eq(level, "high");
    request.parameter_count = 0;
    ck_assert(param_choice(&request, &response, "level", levels, &level));
    ck_assert_ptr_null(level);
    give("level", "High");
    ck_assert(!param_choice(&request, &response, "level", levels, &level));
    is_refused("level", "one of low, high");
}
END_TEST

START_TEST(a_text_has_one_to_the_most_bytes) {
    char text[TEXT_SIZE_MAX + 2];
    const char *value;
    memset(text, 'w', sizeof text);
    text[TEXT_SIZE_MAX] = '\0';
    give("wallet", text);
    ck_assert(param_text(&request, &response, "wallet", &value));
    ck_assert_ptr_eq(value, text);
    text[TEXT_SIZE_MAX] = 'w', text[TEXT_SIZE_MAX + 1] = '\0';
    ck_assert(!param_text(&request, &response, "wallet", &value));
    is_refused("wallet", "1 to 256 bytes long");
    request.parameter_count = 0;
    give("wallet", "");
    ck_assert(!param_text(&request, &response, "wallet", &value));
    is_refused("wallet", "1 to 256 bytes long");
}
END_TEST

START_TEST(a_long_wrong_value_is_quoted_cut_between_characters) {
    char text[3 * 100 + 1] = "";
    int64_t value;
    for (int i = 0; i < 100; i++) strcat(text, "€");
    give("limit", text);
    ck_assert(!param_int(&request, &response, "limit", 1, 1000, 50, &value));
    is_refused("limit", "€…\"");
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        an_unknown_parameter_is_told_the_known_ones,
        a_path_without_parameters_says_so,
        a_parameter_stands_once,
        an_integer_is_taken_within_its_range,
        a_number_may_have_a_fraction,
        a_choice_is_one_of_the_allowed,
        a_text_has_one_to_the_most_bytes,
        a_long_wrong_value_is_quoted_cut_between_characters,
        NULL,
    };
    TCase *group = suite_group("params", tests, 60);
    tcase_add_checked_fixture(group, start, stop);
    tcase_add_loop_test(group, what_is_no_integer_of_the_range_is_refused, 0,
                        sizeof not_integers / sizeof *not_integers);
    tcase_add_loop_test(group, what_is_no_number_of_the_range_is_refused, 0,
                        sizeof not_numbers / sizeof *not_numbers);
    return suite_run_groups("params", (TCase *const[]){group, NULL});
}
