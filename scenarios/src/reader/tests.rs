//! The reader on small formats: every mistake answered, with its place.

mod evidence;
mod overrides;

use super::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use super::kinds::{
    Choice, Count, Duration, Flag, List, Located, Map, Name, Number, Percentage, Text, TimeOfDay, Whole,
};
use super::schema::{json_schema, reference_markdown, tables_of};
use super::*;
use crate::law::TimeLaw;
use crate::quantity::Share;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::{SimSpan, SimTime};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    Fifo,
    Lifo,
}

#[derive(Debug)]
struct Desk {
    name: At<String>,
    server_count: u32,
    order: Order,
    service_time: Distribution,
    patience: Option<SimSpan>,
    opens_at: Option<SimTime>,
    next: Option<At<String>>,
    capacity: Option<u32>,
}

static NAME: Required<Located<Name>> = required("name", Located(Name), "what the desk is called");
static SERVERS: Defaulted<Count> = defaulted("servers", Count::between(1, 500), "1", "how many serve");
static ORDER: Defaulted<Choice<Order>> = defaulted(
    "discipline",
    Choice {
        what: "discipline",
        options: &[
            ("fifo", Order::Fifo, "first come, first served"),
            ("lifo", Order::Lifo, "last come first"),
        ],
    },
    "\"fifo\"",
    "who is next",
);
static SERVICE_TIME: Required<TimeLaw> = required("service_time", TimeLaw, "time to serve one");
static PATIENCE: Optional<Duration> = optional("patience", Duration::POSITIVE, "how long one waits");
static OPENS_AT: Optional<TimeOfDay> = optional("opens_at", TimeOfDay, "when it opens");
static NEXT: Optional<Located<Name>> = optional("next", Located(Name), "the desk one goes to afterwards");
static CAPACITY: Optional<Count> = optional("capacity", Count::ANY, "places to wait");
static LOSS: Defaulted<Flag> = defaulted("loss", Flag, "false", "whether those are lost who find no place");
static DESK: TableSpec = TableSpec {
    name: "desk",
    doc: "a desk with one queue",
    keys: &[&NAME, &SERVERS, &ORDER, &SERVICE_TIME, &PATIENCE, &OPENS_AT, &NEXT, &LOSS, &CAPACITY],
};

fn read_desk(table: &Table<'_>) -> Option<Desk> {
    let name = table.read(&NAME);
    let server_count = table.read(&SERVERS);
    let order = table.read(&ORDER);
    let service_time = table.read(&SERVICE_TIME);
    let patience = table.read(&PATIENCE);
    let opens_at = table.read(&OPENS_AT);
    let next = table.read(&NEXT);
    let capacity = if table.read(&LOSS) == Some(false) {
        table.refuse_key(&CAPACITY, "only with `loss = true`");
        Some(None)
    } else {
        table.read(&CAPACITY)
    };
    Some(Desk {
        name: name?,
        server_count: server_count?,
        order: order?,
        service_time: service_time?,
        patience: patience?,
        opens_at: opens_at?,
        next: next?,
        capacity: capacity?,
    })
}

#[derive(Debug)]
struct House {
    desks: Vec<Desk>,
    mix: Vec<(String, Share)>,
    rng_seed: u64,
    factor: f64,
}

static TITLE: Optional<Text> = optional("title", Text, "what the house is called");
static RNG_SEED: Defaulted<Whole> =
    defaulted("rng_seed", Whole, "1", "the number all luck comes from").setting();
static DESKS: Required<List<Record<Desk>>> =
    required("desk", List::at_least(1, Record { spec: &DESK, read: read_desk }), "the desks");
static MIX: Optional<Map<Percentage>> =
    optional("mix", Map::of("names of classes", Percentage), "share of each class");
static FACTOR: Defaulted<Number> = defaulted("factor", Number::POSITIVE, "1.0", "a factor on all demand");
static HOUSE: Record<House> = Record {
    spec: &TableSpec {
        name: "house",
        doc: "a house of desks",
        keys: &[&TITLE, &RNG_SEED, &FACTOR, &MIX, &DESKS],
    },
    read: read_house,
};

fn read_house(table: &Table<'_>) -> Option<House> {
    let _title = table.read(&TITLE);
    let rng_seed = table.read(&RNG_SEED);
    let factor = table.read(&FACTOR);
    let mix = table.read(&MIX);
    if let Some(far_fetched) = factor.filter(|factor| *factor > 10.0) {
        let mistake = Mistake::warning(format!("a factor of {far_fetched} is unusual"));
        table.report(&table.place_of(&FACTOR), mistake);
    }
    let desks = table.read(&DESKS)?;
    let names: Vec<At<String>> = desks.iter().map(|desk| desk.name.clone()).collect();
    table.distinct(&names, "desk");
    let known: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
    for next in desks.iter().filter_map(|desk| desk.next.as_ref()) {
        table.reference(next, "desk", &known);
    }
    let mix = mix?.unwrap_or_default().into_iter().map(|(name, share)| (name.value, share)).collect();
    Some(House { desks, mix, rng_seed: rng_seed?, factor: factor? })
}

fn read_text(text: &str, set: &[&str], rule: EvidenceRule) -> Result<Reading<House>, Diagnostics> {
    let mut document = Document::parse("house.toml", text);
    set.iter().for_each(|assignment| document.set(assignment));
    read(document, &HOUSE, rule)
}

fn house(text: &str, set: &[&str]) -> Reading<House> {
    read_text(text, set, EvidenceRule::Optional).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn mistakes(text: &str, set: &[&str]) -> Diagnostics {
    read_text(text, set, EvidenceRule::Optional).expect_err("the input is bad")
}

/// Place, key and message of each finding.
fn short(found: &Diagnostics) -> Vec<String> {
    found.iter().map(|one| format!("{}:{} {}: {}", one.line, one.column, one.key, one.message)).collect()
}

const GOOD: &str = r#"
title = "市一医院"
rng_seed = 7
mix = { ordinary = "70 %", elderly = "30 %" }

[[desk]]
name = "挂号"
servers = 4
service_time = { law = "lognormal", mean = "1.5 min", cv = 0.8 }
opens_at = 07:30
next = "pharmacy"

[[desk]]
name = "pharmacy"
discipline = "lifo"
service_time = "40 s"
patience = "20 min"
loss = true
capacity = 0
"#;

#[test]
fn a_good_file_is_read_in_full() {
    let House { desks, mix, rng_seed, factor } = house(GOOD, &[]).value;
    assert_eq!((rng_seed, factor), (7, 1.0));
    assert_eq!(mix[0], ("ordinary".to_owned(), Share::from_part(0.7).unwrap()));
    assert_eq!(mix[1].0, "elderly");
    assert_eq!((desks[0].server_count, desks[0].order), (4, Order::Fifo));
    assert!((desks[0].service_time.mean() - 90.0).abs() < 1e-9);
    assert_eq!(desks[0].opens_at, Some(SimTime::ZERO + SimSpan::from_whole_minutes(450)));
    assert_eq!((desks[1].server_count, desks[1].order, desks[1].capacity), (1, Order::Lifo, Some(0)));
    assert_eq!(desks[1].service_time, Distribution::constant(40.0).unwrap());
    assert_eq!(desks[1].patience, Some(SimSpan::from_whole_minutes(20)));
}

#[test]
fn all_mistakes_are_listed_in_the_order_of_the_text() {
    let bad = r#"
rng_seed = -1
mix = { ordinary = 0.7, elderly = "30" }
colour = "red"

[[desk]]
name = "挂 号"
servrs = 4
servers = 0
service_time = { law = "lognormel", mean = "1.5 min", cv = 0.8 }
discipline = "fido"
opens_at = "25:00"

[[desk]]
name = "pharmacy"
service_time = 40
patience = "20 mn"
capacity = 3
loss = "no"
"#;
    assert_eq!(
        short(&mistakes(bad, &[])),
        [
            "2:12 rng_seed: the number -1 is not accepted here",
            "3:20 mix.ordinary: 0.7 is a share without a sign",
            "3:35 mix.elderly: `30` has no unit",
            "4:1 colour: unknown key `colour`",
            "7:8 desk[0].name: `挂 号` cannot be a name",
            "8:1 desk[0].servrs: unknown key `servrs`",
            "9:11 desk[0].servers: the number 0 is not accepted here",
            "10:24 desk[0].service_time.law: `lognormel` is not a known law",
            "11:14 desk[0].discipline: `fido` is not a known discipline",
            "12:12 desk[0].opens_at: `25:00` is out of range: 00:00 to 24:00",
            "16:16 desk[1].service_time: 40 has no unit",
            "17:12 desk[1].patience: `mn` is not a unit of time",
            "19:8 desk[1].loss: a text is not accepted here",
        ]
    );
}

#[test]
fn a_finding_carries_what_was_read_and_what_helps() {
    let found = mistakes("[[desk]]\nname = \"a\"\nservrs = 4\nservice_time = \"4.5\"\n", &[]);
    let [unknown, unit] = found.iter().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(unknown.nearest.as_deref(), Some("servers"));
    assert_eq!(unknown.read.as_deref(), Some("servrs"));
    assert_eq!(unit.read.as_deref(), Some("\"4.5\""));
    assert_eq!(unit.accepted.as_deref(), Some(crate::quantity::DURATION_ACCEPTED));
    assert_eq!((unit.span.start, unit.span.end), (46, 51));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json[0]["severity"], "error");
    assert_eq!(json[0]["key"], "desk[0].servrs");
    assert_eq!(json[0]["line"], 3);
    assert_eq!(
        found.to_string().lines().next().unwrap(),
        "house.toml:3:1: desk[0].servrs: unknown key `servrs`; did you mean `servers`?; accepted: `name`, `servers`, \
         `discipline`, `service_time`, `patience`, `opens_at`, `next`, `loss`, `capacity`"
    );
}

#[test]
fn the_caret_stands_right_under_chinese_text() {
    let found = mistakes(
        "[[desk]]\nname = \"挂号\"\nservice_time = \"1 min\"\n\"挂号窗口\" = { \"七分钟\" = 1 }\n",
        &[],
    );
    let shown = found.render(Ink::Plain);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "error: desk[0].挂号窗口: unknown key `挂号窗口`");
    assert_eq!(lines[1].trim_start(), "--> house.toml:4:1");
    // Chinese letters are two columns wide: eight carets for four of them, two for the quotes.
    assert!(lines.iter().any(|line| line.ends_with("| ^^^^^^^^^^")), "{shown}");

    let late = mistakes(
        "title = \"x\" # 七\n[[desk]]\nname = \"窗\"\nservice_time = { law = \"七分钟\", x = 4 }",
        &[],
    );
    let shown = late.render(Ink::Plain);
    assert!(shown.contains(":4:24"), "{shown}");
    assert!(
        shown.lines().any(|line| line.ends_with(&format!("| {}{}", " ".repeat(23), "^".repeat(8)))),
        "{shown}"
    );
    assert!(late.render(Ink::Coloured).contains("\u{1b}["));
    assert!(!shown.contains('\u{1b}'));
}

#[test]
fn broken_syntax_is_reported_together_with_mistakes_of_meaning() {
    let bad = "factor = \nrng_seed = 30 %\n[[desk]]\nname = \"a\"\nservers = 0\nservice_time = 4.5 min\nname = \"b\"\n";
    let found = mistakes(bad, &[]);
    assert_eq!(
        short(&found),
        [
            "1:10 : a value is missing after `=`",
            "2:12 : text and quantities with a unit must stand in quotes",
            "5:11 desk[0].servers: the number 0 is not accepted here",
            "6:16 : text and quantities with a unit must stand in quotes",
            "7:1 : duplicate key",
        ]
    );
    assert_eq!(found.iter().nth(3).unwrap().accepted.as_deref(), Some("`\"4.5 min\"`"));
}

#[test]
fn a_broken_header_does_not_blame_the_lines_below_it() {
    let found = mistakes(
        "[[desk\nname = \"a\"\nservice_time = \"1 min\"\n\n[mix]\nold = \"3 %\"\n\n\
         [[desk]]\nname = \"b\"\nservice_time = 4\n",
        &[],
    );
    let lines: Vec<usize> = found.iter().map(|one| one.line).collect();
    assert_eq!(lines, [1, 10], "{found}");
}

#[test]
fn a_broken_line_hides_no_mistake_of_the_lines_around_it() {
    let text = "rng_seed = -1\n\n[[desk]]\nname = \"a\"\nservers = 0\nservice_time = \"1 min\"\n\n\
                [[desk]]\nname = \"b\"\npatience = \"2 min\"\nservers = 0\nservice_time = \"1 min\"\n\n\
                [[desk]]\nname = \"c\"\nnext = \"b\"\nservers = 0\nservice_time = \"1 min\"\n";
    // The lines that are blamed on top of 1, 5, 11 and 17.
    for (right, wrong, blamed) in [
        ("[[desk]]\nname = \"b\"", "[[desk]\nname = \"b\"", vec![8]),
        ("[[desk]]\nname = \"b\"", "[desk]]\nname = \"b\"", vec![8]),
        ("[[desk]]\nname = \"b\"", "[desk]\nname = \"b\"", vec![8]),
        ("[[desk]]\nname = \"b\"", "[[desk\nname = \"b\"", vec![8]),
        ("[[desk]]\nname = \"b\"", "[[desk]] b\nname = \"b\"", vec![8]),
        ("[[desk]]\nname = \"b\"", "【【desk】】\nname = \"b\"", vec![8]),
        ("name = \"b\"", "name \"b\"", vec![9]),
        ("name = \"b\"", "name: \"b\"", vec![9]),
        ("name = \"b\"", "name = \"b", vec![9]),
        ("patience = \"2 min\"", "patience \"2 min\"", vec![10]),
        ("patience = \"2 min\"", "patience = \"\"\"2 min\"", vec![10]),
        ("patience = \"2 min\"", "patience = [\"2 min\"", vec![10]),
        ("patience = \"2 min\"", "patience = { a = [3, 4], b", vec![10]),
        ("patience = \"2 min\"", "// patience", vec![10]),
        ("patience = \"2 min\"", "}}}", vec![10]),
        ("patience = \"2 min\"", "等候 = 3", vec![10]),
        ("patience = \"2 min\"", "patience = [\n  2\n  3\n]", vec![12]),
    ] {
        let found = mistakes(&text.replace(right, wrong), &[]);
        let more = wrong.matches('\n').count() - right.matches('\n').count();
        let mut expected = [vec![1, 5, 11 + more, 17 + more], blamed].concat();
        expected.sort_unstable();
        let mut lines: Vec<usize> = found.iter().map(|one| one.line).collect();
        if more > 0 {
            lines.retain(|line| *line != 10);
        }
        assert_eq!(lines, expected, "{wrong}\n{found}");
    }
}

#[test]
fn a_text_of_nothing_but_broken_lines_ends() {
    for text in ["a b\n[[c]\nd = [\n", "1,2,three\n", "{\"a\": [1, 2],\n", "<p>\n"] {
        let found = mistakes(&text.repeat(5_000), &[]);
        assert!((2..=210).contains(&found.len()), "{text}: {}", found.len());
        assert!(found.to_string().contains("more places from here on are no TOML"), "{text}");
    }
}

#[test]
fn keys_without_effect_and_absent_keys_are_mistakes() {
    assert_eq!(
        short(&mistakes("[[desk]]\nname = \"a\"\ncapacity = 3\n", &[])),
        [
            "1:1 desk[0]: `service_time` is missing",
            "3:12 desk[0].capacity: `capacity` has no effect here: only with `loss = true`",
        ]
    );
    assert_eq!(short(&mistakes("", &[])), ["1:1 : `desk` is missing"]);
    // What is there misspelt is not absent as well.
    assert_eq!(
        short(&mistakes("[[desk]]\nname = \"a\"\nservce_time = \"1 min\"\n", &[])),
        ["3:1 desk[0].servce_time: unknown key `servce_time`"]
    );
}

#[test]
fn names_must_be_known_and_differ() {
    let text = "[[desk]]\nname = \"lab\"\nservice_time = \"1 min\"\nnext = \"pharmcy\"\n\
                [[desk]]\nname = \"pharmacy\"\nservice_time = \"1 min\"\n\
                [[desk]]\nname = \"lab\"\nservice_time = \"1 min\"\n";
    let found = mistakes(text, &[]);
    assert_eq!(
        short(&found),
        ["4:8 desk[0].next: there is no desk `pharmcy`", "9:8 desk[2].name: there already is a desk `lab`"]
    );
    assert_eq!(found.iter().next().unwrap().nearest.as_deref(), Some("pharmacy"));
}

const SOURCED: &str = r#"
mix = { ordinary = "70 %", elderly = "30 %", source = "annual report", n = 12000 }

[[desk]]
name = "window"
source = "time study"
n = 1009
servers = { value = 4, source = "floor plan", n = 1 }
service_time = { law = "lognormal", mean = "1.5 min", cv = { value = 0.8, assumption = true, note = "usual" } }
patience = "20 min"

[[desk]]
name = "kiosk"
service_time = { value = "40 s", assumption = true }
"#;

fn find<'a>(reading: &'a Reading<House>, path: &str) -> &'a Provenance {
    reading.provenance.iter().find(|one| one.path == path).unwrap_or_else(|| panic!("{path} is not listed"))
}

#[test]
fn warnings_do_not_stop_the_reading() {
    let reading = house("factor = 50\n[[desk]]\nname = \"a\"\nservice_time = \"1 min\"\n", &[]);
    assert_eq!(reading.value.factor, 50.0);
    assert!(!reading.warnings.has_errors());
    assert_eq!(reading.warnings.to_string(), "house.toml:1:10: warning: factor: a factor of 50 is unusual");
    assert!(reading.warnings.render(Ink::Plain).starts_with("warning: factor:"));
}

#[test]
fn keys_absent_beside_an_unquoted_value_are_reported() {
    let found = mistakes("[[desk]]\nname = \"a\"\npatience = 5 min\n", &[]);
    assert_eq!(
        short(&found),
        [
            "1:1 desk[0]: `service_time` is missing",
            "3:12 : text and quantities with a unit must stand in quotes"
        ]
    );
}

#[test]
fn a_table_where_a_list_of_tables_belongs_is_explained() {
    let found = mistakes("[desk]\nname = \"a\"\nservice_time = \"1 min\"\n", &[]);
    assert_eq!(
        found.to_string(),
        "house.toml:1:1: desk: a table is not accepted here; accepted: tables under a header in double brackets, \
         `[[…]]`, each a table that describes a desk with one queue"
    );
}

#[test]
fn defaults_are_read_by_the_same_reader() {
    for spec in tables_of(HOUSE.spec) {
        for key in spec.keys {
            if let key::Need::Default(text) = key.need() {
                assert!(toml::from_str::<toml::Table>(&format!("x = {text}")).is_ok(), "{}", key.name());
            }
        }
    }
    let reading = house("[[desk]]\nname = \"a\"\nservice_time = \"1 min\"\n", &[]);
    assert_eq!(reading.value.desks[0].order, Order::Fifo);
    assert_eq!((reading.value.rng_seed, reading.value.factor), (1, 1.0));
}

fn as_json(text: &str) -> serde_json::Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let schema = json_schema("a house", HOUSE.spec);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for text in [SOURCED, &GOOD.replace("07:30", "\"07:30\"")] {
        let errors: Vec<String> =
            validator.iter_errors(&as_json(text)).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    for bad in [
        "[[desk]]\nname = \"a\"\n",
        "[[desk]]\nname = \"a\"\nservice_time = \"1 min\"\nservrs = 3\n",
        "[[desk]]\nname = \"a\"\nservice_time = \"1 min\"\nservers = 0\n",
        "[[desk]]\nname = \"a\"\nservice_time = 3\n",
        "[[desk]]\nname = \"a\"\nservice_time = { law = \"gama\", mean = \"3 min\" }\n",
        "[[desk]]\nname = \"a\"\nservice_time = { law = \"gamma\", mean = 3 }\n",
        "mix = { a = 0.3 }\n[[desk]]\nname = \"a\"\nservice_time = \"1 min\"\n",
        "desk = []\n",
    ] {
        assert!(!validator.is_valid(&as_json(bad)), "{bad}");
        assert!(read_text(bad, &[], EvidenceRule::Optional).is_err(), "{bad}");
    }
}

#[test]
fn the_reference_lists_every_key_of_every_table() {
    let page = reference_markdown(HOUSE.spec);
    for spec in tables_of(HOUSE.spec) {
        assert!(page.contains(&format!("## {}\n", spec.name.replace('_', " "))), "{}", spec.name);
        for key in spec.keys {
            assert!(page.contains(&format!("| `{}` |", key.name())), "{}", key.name());
        }
    }
    assert!(page.contains(
        "| `servers` | default `1` | a whole number from 1 to 500, without quotes | how many serve |"
    ));
    assert!(page.contains("## mixture"));
}

#[test]
fn a_wide_space_for_a_path_is_pointed_at_whole() {
    let found = read_text(SOURCED, &["\u{2003}=1"], EvidenceRule::Required).unwrap_err();
    assert!(found.render(Ink::Plain).contains("this is not an assignment"), "{found}");
}

proptest::proptest! {
    #[test]
    fn no_input_makes_the_reader_panic(
        cut in 0_usize..400, insert in "\\PC{0,12}", path in "\\PC{0,8}", value in "\\PC{0,8}"
    ) {
        let base: Vec<char> = SOURCED.chars().collect();
        let at = cut.min(base.len());
        let text: String = base[..at].iter().collect::<String>() + &insert + &base[at..].iter().collect::<String>();
        let _ = read_text(&text, &[&format!("{path}={value}"), &path], EvidenceRule::Required)
            .map_err(|found| (found.render(Ink::Plain), found.to_string()));
    }
}
