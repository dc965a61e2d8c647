//! Laws in files: every form once, with the moments it must have, and what is answered to the impossible ones.

use super::*;
use crate::profile::DailyRate;
use crate::reader::key::{Optional, TableSpec, optional};
use crate::reader::{Diagnostics, Document, EvidenceRule, Record, Table, read};
use onetrip_sim::arrival::RateProfile;
use onetrip_sim::time::SimTime;

struct Page {
    time: Option<Distribution>,
    offset: Option<Distribution>,
    rate: Option<RateProfile>,
}

static TIME: Optional<TimeLaw> = optional("time", TimeLaw, "a duration");
static OFFSET: Optional<OffsetLaw> = optional("offset", OffsetLaw, "an offset");
static RATE: Optional<DailyRate> = optional("rate", DailyRate, "a rate");
static PAGE: Record<Page> = Record {
    spec: &TableSpec { name: "page", doc: "a page", keys: &[&TIME, &OFFSET, &RATE] },
    read: read_page,
};

fn read_page(table: &Table<'_>) -> Option<Page> {
    let (time, offset, rate) = (table.read(&TIME), table.read(&OFFSET), table.read(&RATE));
    Some(Page { time: time?, offset: offset?, rate: rate? })
}

fn page(text: &str) -> Result<Page, Diagnostics> {
    read(Document::parse("page.toml", text), &PAGE, EvidenceRule::Optional).map(|reading| reading.value)
}

fn time(text: &str) -> Distribution {
    let read = page(&format!("time = {text}")).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
    read.time.unwrap()
}

fn wrong(text: &str) -> String {
    match page(text) {
        Ok(_) => panic!("{text} was accepted"),
        Err(found) => found
            .iter()
            .map(|one| format!("{} {}: {}", one.column, one.key, one.message))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

/// Text, mean in seconds, standard deviation in seconds: by the textbook formula of each law.
#[test]
fn every_law_has_the_moments_its_parameters_say() {
    let gamma = |x: f64| gamma_function(x);
    let cases: Vec<(&str, f64, f64)> = vec![
        (r#""4.5 min""#, 270.0, 0.0),
        (r#"{ value = "4.5 min", assumption = true }"#, 270.0, 0.0),
        (r#"{ law = "exponential", mean = "2 min" }"#, 120.0, 120.0),
        (r#"{ law = "exponential", rate = "12 per hour" }"#, 300.0, 300.0),
        (r#"{ law = "exponential", mean = "2 min", shift = "30 s" }"#, 150.0, 120.0),
        (r#"{ law = "erlang", stages = 4, mean = "2 min" }"#, 120.0, 60.0),
        (r#"{ law = "gamma", mean = "90 s", cv = 0.5 }"#, 90.0, 45.0),
        (r#"{ law = "gamma", mean = "90 s", sd = "45 s" }"#, 90.0, 45.0),
        (r#"{ law = "gamma", shape = 4, scale = "10 s" }"#, 40.0, 20.0),
        (r#"{ law = "lognormal", mean = "1.5 min", cv = 0.8 }"#, 90.0, 72.0),
        (
            r#"{ law = "lognormal", median = "1 min", sigma = 0.5 }"#,
            60.0 * 0.125_f64.exp(),
            60.0 * 0.125_f64.exp() * 0.25_f64.exp_m1().sqrt(),
        ),
        (r#"{ law = "weibull", mean = "90 s", cv = 0.5 }"#, 90.0, 45.0),
        (
            r#"{ law = "weibull", shape = 2, scale = "100 s" }"#,
            100.0 * gamma(1.5),
            100.0 * (gamma(2.0) - gamma(1.5).powi(2)).sqrt(),
        ),
        (r#"{ law = "log_logistic", mean = "90 s", cv = 0.5 }"#, 90.0, 45.0),
        (r#"{ law = "hyperexponential", mean = "90 s", cv = 2 }"#, 90.0, 180.0),
        (
            r#"{ law = "hyperexponential", shares = ["1/4", "75 %"], means = ["4 min", "1 min"] }"#,
            105.0,
            (2.0 * (0.25 * 240.0_f64.powi(2) + 0.75 * 3600.0) - 105.0_f64.powi(2)).sqrt(),
        ),
        (r#"{ law = "uniform", min = "1 min", max = "3 min" }"#, 120.0, 120.0 / 12.0_f64.sqrt()),
        (r#"{ law = "uniform", mean = "2 min", cv = 0.1 }"#, 120.0, 12.0),
        (r#"{ law = "triangular", min = "0 s", mode = "30 s", max = "60 s" }"#, 30.0, 60.0 / 24.0_f64.sqrt()),
        (r#"{ law = "triangular", mean = "2 min", sd = "10 s" }"#, 120.0, 10.0),
        (r#"{ law = "beta", min = "1 min", max = "3 min", mean = "2 min", sd = "20 s" }"#, 120.0, 20.0),
        (r#"{ law = "beta", min = "0 s", max = "60 s", alpha = 2, beta = 2 }"#, 30.0, 60.0 * 0.05_f64.sqrt()),
        (r#"{ law = "truncated_normal", mean = "90 s", cv = 0.4 }"#, 90.0, 36.0),
        (
            r#"{ law = "truncated_normal", centre = "0 s", sd = "60 s" }"#,
            60.0 * (2.0 / std::f64::consts::PI).sqrt(),
            60.0 * (1.0 - 2.0 / std::f64::consts::PI).sqrt(),
        ),
        (
            r#"{ law = "truncated_normal", centre = "60 s", sd = "10 s", min = "50 s", max = "70 s" }"#,
            60.0,
            10.0 * (1.0_f64 - 2.0 * 0.241_970_724_519_143_37 / 0.682_689_492_137_085_9).sqrt(),
        ),
        (
            r#"{ law = "sample", values = ["1 min", "2 min", "6 min"] }"#,
            180.0,
            (14.0_f64 / 3.0).sqrt() * 60.0,
        ),
        (r#"{ law = "sample", values = ["0 s", "60 s"], interpolate = true }"#, 30.0, 60.0 / 12.0_f64.sqrt()),
        (
            r#"{ law = "histogram", edges = ["0 s", "60 s", "120 s"], weights = [3, 1] }"#,
            45.0,
            (0.75 * 1200.0 + 0.25 * 8400.0 - 45.0_f64.powi(2)).sqrt(),
        ),
        (
            r#"{ law = "mixture", components = [{ share = "70 %", of = "2 min" }, { share = "30 %", of = { law = "exponential", mean = "1 min" } }] }"#,
            102.0,
            (0.7 * 14400.0 + 0.3 * 7200.0 - 102.0_f64.powi(2)).sqrt(),
        ),
    ];
    for (text, mean, sd) in cases {
        let law = time(text);
        assert!((law.mean() - mean).abs() <= 1e-8 * mean, "{text}: mean {} for {mean}", law.mean());
        let read_sd = law.standard_deviation().unwrap();
        assert!((read_sd - sd).abs() <= 1e-6 * mean, "{text}: sd {read_sd} for {sd}");
    }
}

/// Γ at the two points the Weibull case needs.
fn gamma_function(x: f64) -> f64 {
    if x == 1.5 { std::f64::consts::PI.sqrt() / 2.0 } else { 1.0 }
}

#[test]
fn every_declared_law_is_read_by_its_own_reader() {
    for variant in LAW.variants {
        // Only the form's own reader reads, and so checks, the keys that are its own.
        let keys: Vec<String> = variant.keys.iter().map(|key| format!("{} = true", key.name())).collect();
        let message =
            wrong(&format!("time = {{ law = \"{}\", colour = 1, {} }}", variant.name, keys.join(", ")));
        assert!(message.contains("unknown key `colour`"), "{}: {message}", variant.name);
    }
    assert_eq!(LAW.variants.len(), forms::READERS.len());
}

#[test]
fn impossible_laws_are_answered_at_the_key() {
    let cases = [
        (r#"time = { law = "gamma", mean = "1 min" }"#, "8 time: `mean` alone is not enough"),
        (r#"time = { law = "gamma" }"#, "8 time: nothing says which gamma"),
        (
            r#"time = { law = "gamma", mean = "1 min", cv = 0.5, shape = 2 }"#,
            "8 time: `mean`, `cv` and `shape` do not go together",
        ),
        (
            r#"time = { law = "hyperexponential", mean = "1 min", cv = 0.5 }"#,
            "57 time.cv: hyperexponential: cv is 0.5",
        ),
        (
            r#"time = { law = "uniform", min = "3 min", max = "1 min" }"#,
            "48 time.max: uniform: max is 60 (times in seconds)",
        ),
        (
            r#"time = { law = "normal", mean = "1 min", cv = 0.5 }"#,
            "8 time: the law has no lowest value, and a duration cannot be negative",
        ),
        (
            r#"time = { law = "uniform", min = "-30 s", max = "1 min" }"#,
            "8 time: the law goes down to -30 s, and a duration cannot be negative",
        ),
        (r#"time = { mean = "1 min" }"#, "8 time: `law` is missing"),
        (r#"time = "-1 min""#, "8 time: `-1 min` is negative"),
        (r#"time = 3"#, "8 time: 3 has no unit"),
        (r#"time = true"#, "8 time: `true` is not accepted here"),
        (
            r#"time = { law = "mixture", components = [{ share = "70 %", of = "1 min" }, { share = "20 %", of = 3 }] }"#,
            "98 time.components[1].of: 3 has no unit",
        ),
        (
            r#"time = { law = "mixture", components = [{ share = "70 %", of = "1 min" }, { share = "20 %", of = "3 s" }] }"#,
            "40 time.components: the shares add up to 90 %",
        ),
        (
            r#"time = { law = "hyperexponential", shares = ["100 %"], means = ["1 s", "2 s"] }"#,
            "64 time.means: 2 means stand beside 1 shares",
        ),
        (
            r#"time = { law = "truncated_normal", mean = "1 min", cv = 0.5, min = "1 s" }"#,
            "68 time.min: `min` has no effect here: the mean after the cut is given, which lies at zero; give `centre` instead",
        ),
    ];
    let differing: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (wrong(text), *expected, text))
        .filter(|(answer, expected, _)| answer != expected)
        .map(|(answer, expected, text)| format!("{text}\n  answered {answer}\n  expected {expected}"))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn offsets_may_lie_before_the_plan() {
    let law = |text: &str| page(text).unwrap_or_else(|wrong| panic!("{wrong}")).offset.unwrap();
    assert_eq!(law(r#"offset = "-5 min""#).mean(), -300.0);
    let normal = law(r#"offset = { law = "normal", mean = "-5 min", sd = "10 min" }"#);
    assert_eq!((normal.mean(), normal.standard_deviation()), (-300.0, Some(600.0)));
    let shifted = law(r#"offset = { law = "exponential", mean = "20 min", shift = "-30 min" }"#);
    assert_eq!((shifted.mean(), shifted.support().0), (-600.0, -1800.0));
}

fn at(hour: u64, minute: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_whole_minutes(hour * 60 + minute)
}

fn rate(text: &str) -> RateProfile {
    page(&format!("rate = {text}")).unwrap_or_else(|wrong| panic!("{text}: {wrong}")).rate.unwrap()
}

#[test]
fn rates_over_the_day_are_read_in_every_way() {
    assert_eq!(rate(r#""30 per min""#).rate_at(at(3, 0)), 1800.0);
    assert_eq!(rate(r#"{ value = "60 per hour", source = "count", n = 3 }"#).rate_at(at(3, 0)), 60.0);

    let hourly = rate(
        r#"{ by_hour = { "08:00" = "900 per hour", "07:00" = "600 per hour", "23:00" = "1 per hour" } }"#,
    );
    let read: Vec<f64> =
        [(6, 59), (7, 0), (8, 59), (9, 0), (23, 59)].map(|(h, m)| hourly.rate_at(at(h, m))).into();
    assert_eq!(read, [0.0, 600.0, 900.0, 0.0, 1.0]);
    assert_eq!(hourly.expected_count(SimTime::ZERO, at(24, 0)), 1501.0);
    assert_eq!(hourly.rate_at(at(24 + 7, 30)), 600.0);

    let shared = rate(r#"{ per_day = 8000, share_by_hour = { "07:00" = "40 %", "08:00" = "60 %" } }"#);
    assert_eq!((shared.rate_at(at(7, 30)), shared.rate_at(at(8, 30))), (3200.0, 4800.0));

    let peak = rate(
        r#"{ segments = [{ from = 07:58, to = "08:00", rate = "30 per min" }, { from = "08:00", to = "24:00", rate = "1 per hour" }] }"#,
    );
    assert_eq!(peak.expected_count(at(7, 0), at(9, 0)), 61.0);

    let clinic = rate(
        r#"{ per_day = 300, segments = [{ from = "08:00", to = "11:00", share = "2/3" }, { from = "13:00", to = "14:00", share = "1/3" }] }"#,
    );
    assert!((clinic.rate_at(at(9, 0)) - 200.0 / 3.0).abs() < 1e-9);
    assert!((clinic.expected_count(SimTime::ZERO, at(24, 0)) - 300.0).abs() < 1e-9);
}

#[test]
fn impossible_rates_are_answered_where_they_stand() {
    let cases = [
        (
            r#"rate = { by_hour = { "07:30" = "1 per hour" } }"#,
            "22 rate.by_hour.07:30: `07:30` is not accepted as a key here",
        ),
        (r#"rate = { by_hour = { "07:00" = 600 } }"#, "32 rate.by_hour.07:00: 600 has no unit"),
        (
            r#"rate = { per_day = 10, share_by_hour = { "07:00" = "40 %" } }"#,
            "40 rate.share_by_hour: the shares add up to 40 %",
        ),
        (r#"rate = { per_day = 10 }"#, "8 rate: `per_day` alone is not enough"),
        (
            r#"rate = { segments = [{ from = "08:00", to = "07:00", rate = "1 per hour" }] }"#,
            "45 rate.segments[0].to: the segment ends at 07:00, not after it begins",
        ),
        (
            r#"rate = { segments = [{ from = "08:00", to = "10:00", rate = "1 per hour" }, { from = "09:00", to = "11:00", rate = "1 per hour" }] }"#,
            "77 rate.segments[1]: this overlaps with 08:00-10:00",
        ),
        (
            r#"rate = { segments = [{ from = "08:00", to = "10:00", share = "10 %" }] }"#,
            "22 rate.segments[0]: a share of what is not said",
        ),
        (r#"rate = [1]"#, "8 rate: a list is not accepted here"),
        (
            r#"rate = "1e12 per hour""#,
            "8 rate: rate from 00:00:00.000000 on is 1000000000000.0 per hour; accepted is 0 to 3600000000",
        ),
    ];
    let differing: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (wrong(text), *expected, text))
        .filter(|(answer, expected, _)| answer != expected)
        .map(|(answer, expected, text)| format!("{text}\n  answered {answer}\n  expected {expected}"))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
