#include "common/hash.h"
#include "tests/support/suite.h"

#include <string.h>

START_TEST(murmur2_is_that_of_kafkas_java_client) {
    static const struct {
        const char *text;
        int32_t hash;
    } cases[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
        {"abc", 479470107},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq((int32_t)hash_murmur2(cases[i].text, strlen(cases[i].text)), cases[i].hash);
    }
}
END_TEST

START_TEST(a_partition_is_below_the_count) {
    ck_assert_uint_eq(hash_partition("foobar", 6, 12), (uint32_t)(-790332482 & 0x7fffffff) % 12);
    for (uint32_t i = 0; i < 10000; i++) ck_assert_uint_lt(hash_partition(&i, sizeof i, 7), 7);
}
END_TEST

START_TEST(hashes_depend_on_every_byte) {
    char text[64];
    memset(text, 'a', sizeof text);
    hash128_t whole = hash128(text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] ^= 1;
        hash128_t other = hash128(text, sizeof text);
        ck_assert(other.low != whole.low && other.high != whole.high);
        ck_assert_uint_ne(hash64(text, sizeof text), hash64(text, i));
        text[i] ^= 1;
    }
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        murmur2_is_that_of_kafkas_java_client,
        a_partition_is_below_the_count,
        hashes_depend_on_every_byte,
        NULL,
    };
    return suite_run("hash", tests, 60);
}
