//! The settings themselves, table by table, in the order of the page.

use super::amd::AMD;
use super::desk::{DISPOSITIONS, SCRIPT};
use super::{Default, Setting, Table, Values};

pub(super) const fn number(
    key: &'static str,
    (unit, least, most): (&'static str, f64, f64),
    default: &'static str,
    sentence: &'static str,
) -> Setting {
    let values = Values::Number { unit, least, most };
    Setting { key, values, default: Default::Value(default), sentence, beside: "" }
}

pub(super) const fn words(
    key: &'static str,
    words: &'static [&'static str],
    default: Default,
    sentence: &'static str,
) -> Setting {
    Setting { key, values: Values::OneOf(words), default, sentence, beside: "" }
}

pub(super) const fn other(
    key: &'static str,
    what: &'static str,
    default: Default,
    sentence: &'static str,
) -> Setting {
    Setting { key, values: Values::Other(what), default, sentence, beside: "" }
}

pub(super) const fn yes_or_no(
    key: &'static str,
    default: &'static str,
    sentence: &'static str,
) -> Setting {
    let (values, default) = (Values::YesOrNo, Default::Value(default));
    Setting { key, values, default, sentence, beside: "" }
}

const fn beside(setting: Setting, beside: &'static str) -> Setting {
    Setting { beside, ..setting }
}

pub(super) const NOTHING: Default = Default::Words("none");

/// 366 days, in the three units of `after_`.
pub(super) const AFTER: [Setting; 3] = [
    after("after_s", ("seconds", 0.0, 31_622_400.0)),
    after("after_min", ("minutes", 0.0, 527_040.0)),
    after("after_h", ("hours", 0.0, 8_784.0)),
];

const fn after(key: &'static str, (unit, least, most): (&'static str, f64, f64)) -> Setting {
    let values = Values::Number { unit, least, most };
    let default = Default::Words("one of `after_s`, `after_min` and `after_h` stands alone");
    let sentence = "The lead is due again this long after the end of the call.";
    Setting { key, values, default, sentence, beside: "" }
}

/// Every table of a campaign's file, but for `[rehearsal]`, which the demo alone reads.
pub(in crate::config) const SECTIONS: &[Table] = &[
    Table {
        name: "",
        sentence: "Whom to call, by which lines, under which rules, and how long things may take.",
        settings: &[
            other(
                "country",
                "a country of ISO 3166",
                Default::Required,
                "The country whose national format the leads' numbers are in.",
            ),
            other(
                "caller_ids",
                "a list of numbers in E.164",
                Default::Required,
                "The numbers that may be shown to the called party; the first is the default.",
            ),
            Setting {
                default: NOTHING,
                ..number(
                    "caller_id_daily_max",
                    ("calls", 1.0, 1_000_000.0),
                    "",
                    "No caller id is shown more often than this in 24 hours.",
                )
            },
            yes_or_no(
                "caller_id_local",
                "true",
                "The nearest caller id is shown: same area code, else same state or country.",
            ),
            other(
                "trunks",
                "a list of trunks' names",
                Default::Required,
                "The lines, in order of preference.",
            ),
            other(
                "rulebooks",
                "a list of rulebooks' ids",
                Default::Required,
                "Each of them must allow a call.",
            ),
            other(
                "do_not_call",
                "a list of do-not-call lists' ids",
                NOTHING,
                "They hold for it besides those that hold for all; while one is missing, nobody is \
                 called.",
            ),
            words(
                "purpose",
                &["debt", "informational", "sales", "survey"],
                Default::Value("\"sales\""),
                "Why its people are called: most rules are about one purpose. A lead's \
                 `law.purpose` goes above it.",
            ),
            number(
                "abandonment_target_percent",
                ("percent of the people who answer", 0.0, 100.0),
                "2",
                "The goal of predictive dialing: so many people may find no agent in time. More \
                 makes agents busier and more people angry; with US rulebooks 3 at most.",
            ),
            other(
                "zone",
                "a zone of the IANA database",
                Default::Words("the country's zone where it has only one, else `\"UTC\"`"),
                "Its midnight begins the days of the abandonment windows, and its clock the shift.",
            ),
            other(
                "starts_on",
                "a day, `2026-11-24`",
                Default::Words("the day of the first call"),
                "From this day on windows of so many days are counted, one after the other.",
            ),
            number(
                "ring_s_max",
                ("seconds", 1.0, 120.0),
                "25",
                "How long it rings before it counts as not answered; with US rulebooks 15 at least.",
            ),
            number(
                "wait_s_max",
                ("seconds", 0.0, 60.0),
                "2",
                "How long a person may wait for an agent before the message and the count as \
                 abandoned; with US rulebooks 2 at most. In a queue 120, and 3,600 at most.",
            ),
            words(
                "wait_from",
                &["answer", "greeting_end"],
                Default::Words("`\"answer\"` with the rulebook `uk`, else `\"greeting_end\"`"),
                "From when that time runs: from the answer, or from the end of the first words.",
            ),
            number(
                "wrap_up_s_max",
                ("seconds", 0.0, 3_600.0),
                "30",
                "Wrap-up ends after this even without a disposition.",
            ),
            number(
                "talk_s_max",
                ("seconds", 10.0, 86_400.0),
                "7200",
                "No call is longer: a guard against a phone left off the hook.",
            ),
            other(
                "hold",
                "a WAV file of 16 bits, mono, 8,000 Hz, relative to this one",
                Default::Words("the ringing tone of the country"),
                "What a caller hears who waits in a queue, over and over.",
            ),
            other(
                "message",
                "a WAV file of 16 bits, mono, 8,000 Hz, relative to this one",
                Default::Words("none; a broadcast and a queue must have one"),
                "What a broadcast plays to who answers, and a queue to who has waited in vain.",
            ),
            number(
                "priority",
                ("weight", 1.0, 9.0),
                "5",
                "The weight of its claim to agents whom it shares with other campaigns: each comes \
                 to its weight's share of their time, as far as it wants it.",
            ),
            yes_or_no("recording", "false", "Talks are recorded, customer left, agent right."),
            number(
                "attempts_max",
                ("attempts", 1.0, 100.0),
                "8",
                "A lead is called at most so often, over its whole life.",
            ),
            words(
                "order",
                &["new_first", "oldest_due"],
                Default::Value("\"new_first\""),
                "Which lead goes first: those never called, or the one that has been due longest.",
            ),
        ],
    },
    Table {
        name: "[pacing]",
        sentence: "How many calls, how early. Without this table: progressive.",
        settings: &[
            words(
                "mode",
                &[
                    "broadcast",
                    "inbound",
                    "manual",
                    "predictive",
                    "preview",
                    "progressive",
                    "ratio",
                ],
                Default::Value("\"progressive\""),
                "A message to whoever answers, no agents; people call in; only what agents dial; ahead of the \
                 agents within the abandonment target; agents look at a lead first; one call for \
                 each ready agent; or so many calls for each.",
            ),
            Setting {
                default: Default::Required,
                ..beside(
                    number(
                        "calls_per_minute",
                        ("calls a minute", 0.1, 6_000.0),
                        "",
                        "Evenly spaced.",
                    ),
                    "mode = \"broadcast\"",
                )
            },
            Setting {
                default: Default::Required,
                ..beside(
                    number("lines_max", ("calls", 1.0, 10_000.0), "", "The most at once."),
                    "mode = \"broadcast\"",
                )
            },
            beside(
                words(
                    "inbound",
                    &["always", "first", "in_turn"],
                    Default::Value("\"first\""),
                    "When people who call in are served: before everybody; before everybody but \
                     those whose legal time runs out; or by the campaigns' priorities.",
                ),
                "mode = \"inbound\"",
            ),
            Setting {
                default: Default::Words("as long as the agent likes"),
                ..beside(
                    number(
                        "look_s_max",
                        ("seconds", 1.0, 3_600.0),
                        "",
                        "How long an agent may look at a lead before `then`.",
                    ),
                    "mode = \"preview\"",
                )
            },
            beside(
                words(
                    "then",
                    &["dial", "skip"],
                    Default::Value("\"dial\""),
                    "What happens to a lead that was looked at so long; beside `look_s_max` alone.",
                ),
                "mode = \"preview\"",
            ),
            beside(
                number(
                    "skipped_after_min",
                    ("minutes", 1.0, 525_600.0),
                    "60",
                    "A lead that was skipped is due again after this.",
                ),
                "mode = \"preview\"",
            ),
            beside(
                number(
                    "lines_per_agent_max",
                    ("calls in progress for each agent", 1.0, 10.0),
                    "3",
                    "An upper bound, for carriers that sell few channels.",
                ),
                "mode = \"predictive\"",
            ),
            beside(
                number(
                    "calls_per_agent",
                    ("calls for each ready agent", 1.0, 10.0),
                    "1",
                    "As it says; nothing holds the abandonment down.",
                ),
                "mode = \"ratio\"",
            ),
        ],
    },
    Table {
        name: "[[abandonment]]",
        sentence: "The windows in which abandonment is held under a limit, all of them at once. \
                   Without any: 30 days and the day at 3 % with the rulebook `us-tsr-tcpa` (47 CFR \
                   64.1200(a)(7); the day is policy), the day at 3 % with `uk` (policy since 2017), \
                   the month at 5 % in Canada, else the day at `abandonment_target_percent`. With \
                   `us-tsr-tcpa` one of them must hold 3 % over 30 days.",
        settings: &[
            other(
                "window",
                "`\"day\"`, `\"month\"`, or so many days, 1 to 366: `\"30 days\"`",
                Default::Required,
                "A calendar day, a calendar month, or successive days from the campaign's start.",
            ),
            Setting {
                default: Default::Required,
                ..number(
                    "limit_percent",
                    ("percent of the people who answer", 0.0, 100.0),
                    "",
                    "At most so many of them may find no agent in time.",
                )
            },
            yes_or_no(
                "hang_ups_count",
                "true",
                "Who hangs up before an agent was due counts as a person who answered; the law \
                 counts so, a stricter house does not.",
            ),
        ],
    },
    Table {
        name: "[shift]",
        sentence: "When agents are planned to be there, on the clock of `zone`. Nobody is dialed \
                   outside, and the pacer spends what a day may abandon by its end. Without this \
                   table: at any time.",
        settings: &[
            other("begins", "a time, `\"09:00\"`", Default::Required, "The first minute."),
            other(
                "ends",
                "a time, `\"24:00\"` at most",
                Default::Required,
                "The minute after the last, later on the same day.",
            ),
            other(
                "weekdays",
                "a list of `\"mon\"` to `\"sun\"`",
                Default::Words("every day"),
                "The days that have a shift.",
            ),
        ],
    },
    AMD,
    Table {
        name: "[safe_harbour]",
        sentence: "What an abandoned person hears (16 CFR 310.4(b)(4)(iii)).",
        settings: &[
            other(
                "message",
                "a WAV file of 16 bits, mono, 8,000 Hz, relative to the campaign's",
                Default::Words("a tone"),
                "Who called, and at which number not to be called again.",
            ),
            other(
                "opt_out",
                "a key of the telephone, `\"9\"`",
                NOTHING,
                "This key puts the number on the do-not-call list.",
            ),
        ],
    },
    Table {
        name: "[recycling.OUTCOME]",
        sentence: "When a lead is due again, by outcome; an outcome that has no table closes it. \
                   Without any table: busy 15 min, no answer 4 h, a machine 4 h, and so on.",
        settings: &[
            AFTER[0],
            AFTER[1],
            AFTER[2],
            number(
                "attempts_max",
                ("attempts", 1.0, 100.0),
                "1",
                "After so many attempts that ended so the lead is closed.",
            ),
        ],
    },
    SCRIPT,
    DISPOSITIONS,
];
