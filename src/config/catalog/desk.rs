//! What stands on an agent's desk: what is read, and what can be said.

use super::entries::{AFTER, NOTHING, other, yes_or_no};
use super::{Default, Table};

pub(super) const SCRIPT: Table = Table {
    name: "[script]",
    sentence: "What the agent reads to the person, on the desk. In its places stand the person's \
               own words: `{first_name}`, `{last_name}`, `{phone}`, `{state}`, `{zip}`, `{agent}`, \
               `{campaign}`, or another column of the leads' file; `{first_name|there}` says what \
               stands there when it is not known.",
    settings: &[
        other(
            "read_first",
            "a text",
            NOTHING,
            "What must be said first: who calls, and that the call is recorded.",
        ),
        other("text", "a text", NOTHING, "The rest, with its line breaks."),
    ],
};

pub(super) const DISPOSITIONS: Table = Table {
    name: "[[dispositions]]",
    sentence: "What an agent can say, in the order shown. Without any: sale, callback, \
               not_interested, machine, wrong_number and do_not_call.",
    settings: &[
        other("code", "a-z, 0-9 and _, at most 32", Default::Required, "Its name in the books."),
        other("label", "a text", Default::Words("the code"), "What the agent reads."),
        yes_or_no("do_not_call", "false", "The number goes on the do-not-call list."),
        yes_or_no(
            "wrong_person",
            "false",
            "The number is not the person's: the call counts for nothing about their debt.",
        ),
        yes_or_no("machine", "false", "The agent met a machine."),
        other(
            "requires",
            "a list of `\"callback\"` and `\"note\"`",
            NOTHING,
            "What the agent must say with it.",
        ),
        AFTER[0],
        AFTER[1],
        AFTER[2],
    ],
};
