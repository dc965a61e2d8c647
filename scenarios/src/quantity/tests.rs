//! Quantities: tables of texts and what they mean, and round trips.

use super::*;
use proptest::prelude::*;

const MINUTE: f64 = 60.0;

#[test]
fn durations_are_read_in_english_and_chinese() {
    let cases: &[(&str, f64)] = &[
        ("4.5 min", 270.0),
        ("30 s", 30.0),
        ("1 h 30 min", 5400.0),
        ("1h30min", 5400.0),
        ("1 小时 30 分钟", 5400.0),
        ("1小时30分", 5400.0),
        ("2 days", 172_800.0),
        ("1 week 1 day", 691_200.0),
        ("150 ms", 0.15),
        ("7 µs", 7e-6),
        ("0 s", 0.0),
        ("5 分钟", 300.0),
        ("1.5 hours", 5400.0),
        ("  90 SEC ", 90.0),
        ("1/3 min", 20.0),
        ("1_000 s", 1000.0),
        ("1e3 s", 1000.0),
        ("４．５ 分钟", 270.0),
        ("3 天", 259_200.0),
    ];
    for (text, seconds) in cases {
        assert_eq!(parse_duration(text), Ok(SimSpan::from_seconds(*seconds)), "{text}");
        let read = parse_seconds(text).unwrap();
        assert!((read - seconds).abs() <= seconds * 1e-15, "{text}: {read}");
    }
}

#[test]
fn wrong_durations_say_what_is_wrong() {
    let cases = [
        ("", "nothing is written"),
        ("4.5", "`4.5` has no unit"),
        ("1 h 30", "`30` has no unit"),
        ("4.5 mn", "`mn` is not a unit of time"),
        ("five min", "`five min` is not a number"),
        ("-5 min", "`-5 min` is negative"),
        ("30 min 1 h", "`h` comes after a unit that is not larger"),
        ("5 min 5 min", "`min` comes after a unit that is not larger"),
        ("300 years", "`years` is not a unit of time"),
        ("1e300 days", "`1e300 days` is out of range: at most 285 years"),
        ("1,5 min", "`1,5 min` has a comma; a decimal part is set off by a point, and thousands by nothing"),
        (". min", "`. min` is not a number"),
        ("七分钟", "`七分钟` is not a number"),
    ];
    for (text, message) in cases {
        assert_eq!(parse_duration(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn offsets_may_be_early() {
    assert_eq!(parse_offset_seconds("-5 min"), Ok(-5.0 * MINUTE));
    assert_eq!(parse_offset_seconds("− 5 分钟".replace(' ', "").as_str()), Ok(-5.0 * MINUTE));
    assert_eq!(parse_offset_seconds("+90 s"), Ok(90.0));
    assert_eq!(parse_offset_seconds("10 min"), Ok(10.0 * MINUTE));
}

#[test]
fn shares_need_their_sign() {
    for (text, part) in [
        ("30 %", 0.3),
        ("30%", 0.3),
        ("2.5 ％", 0.025),
        ("100 %", 1.0),
        ("0 %", 0.0),
        ("1/3", 1.0 / 3.0),
        ("3 ‰", 0.003),
        ("12 percent", 0.12),
    ] {
        assert_eq!(parse_share(text).map(Share::part), Ok(part), "{text}");
    }
    for (text, message) in [
        ("0.3", "`0.3` has no unit"),
        ("30", "`30` has no unit"),
        ("130 %", "`130 %` is out of range: 0 % to 100 %"),
        ("4/3", "`4/3` is out of range: 0 % to 100 %"),
        ("1/0", "`/0` is not a unit of share"),
        ("-1 %", "`-1 %` is negative"),
        ("30 min", "`min` is not a unit of share"),
        ("half", "`half` is not a number"),
    ] {
        assert_eq!(parse_share(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn rates_are_so_many_per_time() {
    for (text, per_hour) in [
        ("60 per hour", 60.0),
        ("60 / h", 60.0),
        ("60/小时", 60.0),
        ("60 每小时", 60.0),
        ("1 per 2 min", 30.0),
        ("2400 per day", 100.0),
        ("0.5 per s", 1800.0),
        ("1/3 per min", 20.0),
        ("1 per 1 h 30 min", 2.0 / 3.0),
        ("0 per hour", 0.0),
    ] {
        let read = parse_rate(text).unwrap_or_else(|error| panic!("{text}: {error}")).per_hour();
        assert!((read - per_hour).abs() <= per_hour * 1e-15, "{text}: {read}");
    }
    for (text, message) in [
        ("60", "`60` has no unit"),
        ("60 hour", "`hour` is not a unit of rate"),
        ("60 per patient", "`patient` is not a unit of time"),
        ("1 per 0 min", "`1 per 0 min` is out of range: per a time longer than zero"),
        ("0 per 0 min", "`0 per 0 min` is out of range: per a time longer than zero"),
        ("-1 per hour", "`-1 per hour` is negative"),
        (
            "8,000 per day",
            "`8,000 per day` has a comma; a decimal part is set off by a point, and thousands by nothing",
        ),
        ("many per hour", "`many per hour` is not a number"),
    ] {
        assert_eq!(parse_rate(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn clock_times_end_at_midnight() {
    for (text, seconds) in
        [("07:30", 27_000), ("7:30", 27_000), ("07：30", 27_000), ("07:30:15", 27_015), ("24:00", 86_400)]
    {
        assert_eq!(parse_clock(text), Ok(SimTime::ZERO + SimSpan::from_whole_seconds(seconds)), "{text}");
    }
    for text in [
        "",
        "7",
        "7.30",
        "07:60",
        "24:01",
        "25:00",
        "07:3",
        "007:30",
        "ab:cd",
        "-1:00",
        "+7:30",
        "07:30:15:20",
    ] {
        assert!(parse_clock(text).is_err(), "{text}");
    }
}

#[test]
fn parts_of_the_day_run_forward() {
    let morning = parse_clock_interval("08:00-11:30").unwrap();
    assert_eq!(morning.to_string(), "08:00-11:30");
    assert_eq!(parse_clock_interval("8:00 – 11:30"), Ok(morning));
    assert_eq!(parse_clock_interval("08:00 to 11:30"), Ok(morning));
    assert_eq!(parse_clock_interval("08:00至11:30"), Ok(morning));
    assert!(parse_clock_interval("11:30-08:00").is_err());
    assert!(parse_clock_interval("08:00-08:00").is_err());
    assert!(parse_clock_interval("08:00").is_err());
}

proptest! {
    #[test]
    fn durations_written_read_back_the_same(micros in 0_u64..9_007_199_254_740_992) {
        let span = SimSpan::from_micros(micros);
        prop_assert_eq!(parse_duration(&write_duration(span)), Ok(span));
    }

    #[test]
    fn clock_times_written_read_back_the_same(seconds in 0_u64..=86_400) {
        let at = SimTime::ZERO + SimSpan::from_whole_seconds(seconds);
        prop_assert_eq!(parse_clock(&write_clock(at)), Ok(at));
    }

    #[test]
    fn shares_written_read_back_the_same(part in 0.0..=1.0) {
        let share = Share::from_part(part).unwrap();
        prop_assert_eq!(parse_share(&share.to_string()), Ok(share));
    }

    #[test]
    fn rates_written_read_back_the_same(per_hour in 0.0..1e9) {
        let rate = Rate::from_per_hour(per_hour).unwrap();
        prop_assert_eq!(parse_rate(&rate.to_string()), Ok(rate));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,20}", quantity in "[-0-9./ :%]{0,8}(min|h|小时|per|每|％)?[0-9:a-z ]{0,6}") {
        for text in [text, quantity] {
            let _ = (parse_duration(&text), parse_offset_seconds(&text), parse_share(&text));
            let _ = (parse_rate(&text), parse_clock(&text), parse_clock_interval(&text));
        }
    }
}
