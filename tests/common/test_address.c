#include "common/address.h"
#include "tests/support/suite.h"

#include <ctype.h>
#include <string.h>

static const char checksummed[] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
static const char lower[] = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";

START_TEST(any_case_of_an_ethereum_address_has_one_normal_form) {
    char out[ADDRESS_SIZE];
    static const char *const forms[] = {checksummed, "0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
                                        "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
                                        "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        ck_assert_msg(address_normalise(forms[i], strlen(forms[i]), out), "%s", forms[i]);
        ck_assert_mem_eq(out, lower, ADDRESS_SIZE);
    }
    ck_assert(!address_normalise(lower, strlen(lower), out));
}
END_TEST

START_TEST(names_that_are_no_such_address_stay_as_they_are) {
    static const char *const names[] = {
        "",
        "0",
        "0x",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "TLa2f6VPqDgRE67v1736s7bJ8Ray5wYjU7",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",   /* one digit short */
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedA", /* one too many */
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",  /* no hex */
        "0y5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",  /* no 0x */
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Be\xc3\x84" "d" /* another alphabet */};
    char out[ADDRESS_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(!address_normalise(names[i], strlen(names[i]), out), "%s", names[i]);
}
END_TEST

/* The definition, letter by letter. */
static bool lower_plainly(const char *text, char out[ADDRESS_SIZE]) {
    if (text[0] != '0' || tolower((unsigned char)text[1]) != 'x') return false;
    for (int i = 0; i < ADDRESS_SIZE; i++) {
        if (i >= 2 && !isxdigit((unsigned char)text[i])) return false;
        out[i] = (char)tolower((unsigned char)text[i]);
    }
    return memcmp(text, out, ADDRESS_SIZE) != 0;
}

START_TEST(the_quick_way_and_the_definition_agree) {
    static const char alphabet[] = "0123456789abcdefABCDEF";
    uint64_t random = random_seed(1);
    char text[ADDRESS_SIZE], out[ADDRESS_SIZE], expected[ADDRESS_SIZE];
    for (int run = 0; run < 100000; run++) {
        uint32_t letters = random_below(&random, 2) ? 16 : sizeof alphabet - 1;
        memcpy(text, "0x", 2);
        for (int i = 2; i < ADDRESS_SIZE; i++) text[i] = alphabet[random_below(&random, letters)];
        if (random_below(&random, 3) == 0)
            text[random_below(&random, ADDRESS_SIZE)] = (char)random_below(&random, 256);
        bool changes = lower_plainly(text, expected);
        ck_assert_msg(address_normalise(text, ADDRESS_SIZE, out) == changes, "%.42s", text);
        if (changes) ck_assert_mem_eq(out, expected, ADDRESS_SIZE);
    }
}
END_TEST

int main(void) {
    return suite_run("address",
                     (const TTest *const[]){any_case_of_an_ethereum_address_has_one_normal_form,
                                            names_that_are_no_such_address_stay_as_they_are,
                                            the_quick_way_and_the_definition_agree, NULL},
                     60);
}
