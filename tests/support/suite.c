#include "tests/support/suite.h"

#include <stdlib.h>

TCase *suite_group(const char *name, const TTest *const *tests, double timeout_s) {
    TCase *group = tcase_create(name);
    tcase_set_timeout(group, timeout_s);
    for (; *tests; tests++) tcase_add_test(group, *tests);
    return group;
}

int suite_run_groups(const char *name, TCase *const *groups) {
    Suite *suite = suite_create(name);
    for (; *groups; groups++) suite_add_tcase(suite, *groups);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

int suite_run(const char *name, const TTest *const *tests, double timeout_s) {
    return suite_run_groups(name, (TCase *const[]){suite_group(name, tests, timeout_s), NULL});
}

void must(err_t *err) { ck_assert_msg(!err, "%s", err_message(err)); }

uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t random_below(uint64_t *state, uint32_t below) {
    return (uint32_t)((random_next(state) >> 32) * below >> 32);
}

uint64_t random_seed(uint64_t usual) {
    const char *given = getenv("AMLSTREAM_TEST_SEED");
    return given ? strtoull(given, NULL, 0) : usual;
}
