//! The embedded documents against what the published texts say, and broken ones against their messages.

use super::*;
use crate::reader::{Diagnostics, schema};
use std::collections::{BTreeMap, BTreeSet};

fn get(name: &str) -> &'static TargetDocument {
    document(name).unwrap()
}

fn messages(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.iter().map(ToString::to_string).collect()
}

#[test]
fn documents_have_as_many_items_and_groups_as_the_published_texts() {
    let size = |name: &str| (get(name).targets.len(), get(name).groups.len());
    assert_eq!(size("shaoxing-2018"), (31, 10));
    assert_eq!(size("hangzhou-2018"), (10, 1));
    assert_eq!(size("ningbo-2016"), (8, 1));
    assert_eq!(size("zhangdian-2020"), (12, 2));
    assert_eq!(size("shaoxing-tcm-2022"), (23, 8));
}

#[test]
fn rows_of_the_inspection_form_stand_under_the_headings_of_the_form() {
    let counts: Vec<usize> = get("shaoxing-2018")
        .groups
        .iter()
        .map(|group| get("shaoxing-2018").targets.iter().filter(|target| target.group == group.id).count())
        .collect();
    assert_eq!(counts, [5, 3, 3, 5, 2, 2, 5, 1, 2, 3]);
    for (index, target) in get("shaoxing-2018").targets.iter().enumerate() {
        assert_eq!(target.id, format!("shaoxing-2018/{}", index + 1));
        assert_eq!(target.source, format!("appendix 2, row {}", index + 1));
    }
}

/// Points per task in the order of the published list.
#[test]
fn points_of_the_tcm_list_are_those_printed_and_add_up_to_100_and_10() {
    let printed = [3, 3, 5, 5, 4, 4, 5, 3, 4, 4, 5, 6, 6, 10, 4, 2, 6, 5, 4, 4, 4, 4];
    assert_eq!(printed.iter().sum::<i32>(), 100);
    let document = get("shaoxing-tcm-2022");
    for (target, points) in document.targets.iter().zip(printed) {
        assert_eq!(target.points, Some(Points::Ordinary(f64::from(points))), "{}", target.id);
    }
    assert_eq!(document.targets[22].points, Some(Points::Bonus(10.0)));
    assert_eq!((document.points, document.bonus_points), (Some(100.0), Some(10.0)));
}

#[test]
fn every_figure_of_the_documents_is_defined_in_the_readme_and_no_other() {
    let readme = include_str!("../../../seeds/README.md");
    let listed: BTreeMap<&str, &str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter(|(id, rest)| {
            id.contains('.') && (rest.starts_with("measured") || rest.starts_with("counted"))
        })
        .map(|(id, rest)| (id, rest.split(' ').next().unwrap()))
        .collect();
    let mut used = BTreeMap::new();
    for document in documents() {
        for (measure, kind) in document.measures() {
            let kind = if kind == EvidenceKind::Measured { "measured" } else { "counted" };
            let before = used.insert(measure, kind);
            assert!(before.is_none_or(|before| before == kind), "{measure} is both {before:?} and {kind}");
        }
    }
    assert_eq!(used, listed);
}

#[test]
fn the_readme_tells_how_many_items_and_checks_each_document_has() {
    let readme = include_str!("../../../seeds/README.md");
    for document in documents() {
        let start = format!("| `{}.toml` |", document.id);
        let row = readme.lines().find(|line| line.starts_with(&start)).unwrap();
        let end = format!("| {} | {} |", document.targets.len(), document.checks().count());
        assert!(row.ends_with(&end), "{row} should end with {end}");
    }
}

#[test]
fn every_text_is_there_in_both_languages() {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for document in documents() {
        let of_targets = document.targets.iter().map(|target| &target.title);
        let of_checks = document.checks().map(|(_, check)| &check.title);
        let of_groups = document.groups.iter().map(|group| &group.title);
        let of_observed = document.all_observed().map(|observed| &observed.what);
        for text in of_targets.chain(of_checks).chain(of_groups).chain(of_observed) {
            assert!(!text.en.is_empty() && !text.en.chars().any(is_chinese), "{text:?}");
            assert!(text.zh.chars().any(is_chinese), "{text:?}");
        }
    }
}

/// The words that the thresholds of checks use.
fn words_in_use(document: &TargetDocument) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    for (_, check) in document.checks() {
        let stages = check.deadlines.iter().filter_map(|stage| stage.threshold.as_ref());
        for threshold in check.threshold.iter().chain(stages) {
            if let Threshold::Words(list) = threshold {
                words.extend(list.iter().map(String::as_str));
            }
        }
    }
    words
}

#[test]
fn every_word_that_is_explained_is_used() {
    for document in documents() {
        let explained: BTreeSet<&str> = document.words.keys().map(String::as_str).collect();
        assert_eq!(explained, words_in_use(document), "{}", document.id);
    }
}

#[test]
fn hangzhou_reports_the_registration_queue_before_and_after() {
    let document = get("hangzhou-2018");
    let seen: Vec<(String, f64)> = document
        .all_observed()
        .filter(|observed| observed.measure.as_deref() == Some("registration.on_site.peak.wait_time.mean"))
        .map(|observed| (observed.period.clone(), observed.value.value))
        .collect();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].0, "2018-06");
    assert!((seen[0].1 - 6.35 * 60.0).abs() < 1e-9);
    assert_eq!(seen[1].0, "2018-12");
    assert!((seen[1].1 - 2.76 * 60.0).abs() < 1e-9);
}

#[test]
fn stages_come_into_force_on_their_last_day() {
    let document = get("shaoxing-2018");
    let (target, check) = document.check("shaoxing-2018/13b").unwrap();
    let share = |class: HospitalClass, day: Option<&str>| {
        let demand = target.demand(check, class.into(), day.map(|text| text.parse().unwrap()));
        match demand {
            Demand::Now { threshold: Threshold::Quantity(quantity), due_by } => {
                format!("{} since {}", quantity.value, due_by.unwrap())
            }
            other => format!("{other:?}"),
        }
    };
    let municipal = |day| share(HospitalClass::Municipal, day);
    assert!(municipal(Some("2018-06-29")).starts_with("NotYet"));
    assert_eq!(municipal(Some("2018-06-30")), "0.5 since 2018-06-30");
    assert_eq!(municipal(Some("2018-12-30")), "0.5 since 2018-06-30");
    assert_eq!(municipal(Some("2018-12-31")), "0.8 since 2018-12-31");
    assert_eq!(municipal(None), "0.8 since 2018-12-31");
    assert_eq!(share(HospitalClass::CountyPilot, None), "NotAsked");
}

#[test]
fn grades_decide_the_number_of_cloud_rooms() {
    let (target, check) = get("ningbo-2016").check("ningbo-2016/7a").unwrap();
    let rooms = |class, grade| match target.demand(check, HospitalStanding { class, grade }, None) {
        Demand::Now { threshold: Threshold::Quantity(quantity), .. } => Some(quantity.value),
        _ => None,
    };
    assert_eq!(rooms(HospitalClass::Municipal, Grade::TertiaryGeneral), Some(6.0));
    assert_eq!(rooms(HospitalClass::Municipal, Grade::TertiarySpecial), Some(3.0));
    assert_eq!(rooms(HospitalClass::County, Grade::SecondaryGeneral), Some(3.0));
    assert_eq!(rooms(HospitalClass::County, Grade::SecondarySpecial), Some(2.0));
    assert_eq!(rooms(HospitalClass::Township, Grade::Primary), None);
}

/// The text of a document that comes with the program, as its file has it.
fn embedded_text(name: &str) -> &'static str {
    let file = EMBEDDED.iter().find(|(file, _)| file.strip_suffix(".toml") == Some(name));
    file.map(|(_, text)| *text).expect("a document of that name")
}

#[test]
fn the_embedded_texts_are_found_by_name() {
    for one in documents() {
        assert!(embedded_text(&one.id).contains(&one.id));
        assert_eq!(document(&one.id), Some(one));
    }
    assert!(document("beijing-2030").is_none());
}

const SMALL: &str = r#"
format = "onetrip-targets-1"
id = "mine"
title = { en = "Mine", zh = "本院" }
place = { en = "Here", zh = "本地" }
issued = "2026"
points = 5
[[group]]
id = "all"
title = { en = "All", zh = "全部" }
[words]
lift = { en = "lift", zh = "电梯" }
[[item]]
id = "mine/1"
group = "all"
title = { en = "Waits", zh = "等候" }
source = "row 1"
applies_to = ["all"]
points = 5
[[item.check]]
id = "mine/1a"
title = { en = "At the pharmacy", zh = "药房" }
kind = "measured"
measure = "pharmacy.wait_time.mean"
comparison = "at_most"
threshold = "10 min"
deduction = { each = 1 }
[[item.check]]
id = "mine/1b"
title = { en = "Comfort", zh = "舒适" }
kind = "attested"
comparison = "all"
threshold = ["lift"]
"#;

fn read_small(text: &str) -> Result<TargetDocument, Vec<String>> {
    read_document(Document::parse("mine.toml", text)).map(|reading| reading.value).map_err(|d| messages(&d))
}

fn mistakes_after(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = SMALL.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    read_small(&text).unwrap_err()
}

#[test]
fn a_document_of_the_users_own_is_read() {
    let document = read_small(SMALL).unwrap();
    assert_eq!(document.targets[0].checks[0].threshold, Some(Threshold::Quantity(Quantity::seconds(600.0))));
    assert_eq!(document.word("lift").zh, "电梯");
    assert_eq!(document.word("no_such").en, "no such");
}

#[test]
fn mistakes_of_a_document_are_answered_all_at_once() {
    let found = mistakes_after(&[
        ("points = 5\n[[group]]", "points = 6\n[[group]]"),
        ("group = \"all\"", "group = \"al\""),
        ("[\"lift\"]", "[\"lifts\"]"),
        ("mine/1a", "mine/2a"),
    ]);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found[0].contains("mine.toml:7:10: points: the items' `points` add up to 5"), "{}", found[0]);
    assert!(found[1].contains("there is no group `al`; did you mean `all`?"), "{}", found[1]);
    assert!(found[2].contains("`mine/2a` is not an id of a check of `mine/1`"), "{}", found[2]);
    assert!(
        found[3].contains("there is no word under `words` `lifts`; did you mean `lift`?"),
        "{}",
        found[3]
    );
}

#[test]
fn a_threshold_must_fit_its_comparison_and_kind() {
    let one = |from, to| {
        let found = mistakes_after(&[(from, to)]);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.into_iter().next().unwrap()
    };
    let text = one("\"10 min\"", "10");
    assert!(
        text.contains("the threshold does not fit the check; accepted: a duration with its unit"),
        "{text}"
    );
    let text = one("threshold = \"10 min\"\n", "");
    assert!(text.contains("the check has no threshold"), "{text}");
    let text = one("\"10 min\"", "\"10 mins.\"");
    assert!(text.contains("is not a unit of time"), "{text}");
    let text = one("comparison = \"all\"", "comparison = \"at_least\"");
    assert!(text.contains("the threshold does not fit the check"), "{text}");
    let text = one("measure = \"pharmacy.wait_time.mean\"\n", "");
    assert!(text.contains("`measure` is missing"), "{text}");
    let text = one("kind = \"attested\"", "kind = \"attested\"\nmeasure = \"a.b\"");
    assert!(text.contains("an attested check has no measure"), "{text}");
    let text = one("{ each = 1 }", "{ from = 3, to = 1 }");
    assert!(text.contains("the fewest points (3) are more than the most (1)"), "{text}");
    let text = one("[\"lift\"]", "[\"lift\"]\ndeduction = { each = 1 }");
    assert!(text.contains("only a number can be over or short"), "{text}");
}

fn answers_to(name: &str, text: &str) -> Result<Answers, Vec<String>> {
    let head = format!("format = \"onetrip-answers-1\"\ndocument = \"{name}\"\n");
    read_answers(Document::parse("answers.toml", head + text), get(name)).map_err(|d| messages(&d))
}

#[test]
fn answers_are_read_with_who_and_when() {
    let answers = answers_to(
        "shaoxing-tcm-2022",
        r#"
        [[answer]]
        id = "shaoxing-tcm-2022/3a"
        answer = "是"
        by = "quality office"
        on = 2022-11-03
        note = "minutes of 14 June"
        [[answer]]
        id = "shaoxing-tcm-2022/3b"
        answer = 2
        [[answer]]
        id = "shaoxing-tcm-2022/14h"
        answer = false
        lost = 1.5
        [[answer]]
        id = "shaoxing-tcm-2022/17a"
        last_year = "88 %"
        [[answer]]
        id = "shaoxing-tcm-2022/19"
        exempt = true
        "#,
    )
    .unwrap();
    let first = answers.get("shaoxing-tcm-2022/3a").unwrap();
    assert_eq!(first.value, Some(AnswerValue::Flag(true)));
    assert_eq!(first.by.as_deref(), Some("quality office"));
    assert_eq!(first.on, Date::new(2022, 11, 3));
    assert_eq!(
        answers.get("shaoxing-tcm-2022/3b").unwrap().value,
        Some(AnswerValue::Quantity(Quantity::count(2.0)))
    );
    assert_eq!(answers.get("shaoxing-tcm-2022/14h").unwrap().lost, Some(1.5));
    assert_eq!(answers.get("shaoxing-tcm-2022/17a").unwrap().last_year, Some(Quantity::share(0.88)));
    assert_eq!(answers.get("shaoxing-tcm-2022/19").unwrap().exempt, Some(true));
    assert_eq!(answers.iter().count(), 5);
}

#[test]
fn an_answer_of_wrong_form_hides_no_other_that_does_not_fit() {
    let found = answers_to(
        "shaoxing-tcm-2022",
        r#"
[[answer]]
id = "shaoxing-tcm-2022/1"
answer = "maybe"
[[answer]]
id = "shaoxing-tcm-2022/3x"
answer = true
[[answer]]
id = "shaoxing-tcm-2022/1"
anser = true
"#,
    )
    .unwrap_err();
    let expected = [
        "answers.toml:6:10: answer[0].answer: `maybe` is no answer",
        "answers.toml:12:1: answer[2].anser: unknown key `anser`",
        "answers.toml:8:6: answer[1].id: `shaoxing-tcm-2022/3x` is not in `shaoxing-tcm-2022`",
        "answers.toml:11:6: answer[2].id: `shaoxing-tcm-2022/1` is answered already",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn answers_that_do_not_fit_the_document_are_all_named() {
    let found = answers_to(
        "shaoxing-tcm-2022",
        r#"
[[answer]]
id = "shaoxing-tcm-2022/3x"
answer = true
[[answer]]
id = "shaoxing-tcm-2022/3"
answer = true
[[answer]]
id = "shaoxing-tcm-2022/3b"
answer = true
[[answer]]
id = "shaoxing-tcm-2022/14h"
lost = 5
[[answer]]
id = "shaoxing-tcm-2022/17a"
answer = "90 %"
[[answer]]
id = "shaoxing-tcm-2022/13"
exempt = true
[[answer]]
id = "shaoxing-tcm-2022/1"
answer = true
[[answer]]
id = "shaoxing-tcm-2022/1"
answer = true
[[answer]]
id = "shaoxing-tcm-2022/3a"
lost = 1
"#,
    )
    .unwrap_err();
    let expected = [
        "answers.toml:5:6: answer[0].id: `shaoxing-tcm-2022/3x` is not in `shaoxing-tcm-2022`; did you mean",
        "`shaoxing-tcm-2022/3` has several checks; accepted: one of `shaoxing-tcm-2022/3a`, `shaoxing-tcm-2022/3b`",
        "answers.toml:12:10: answer[2].answer: the answer is of another kind than the check asks for; accepted: a figure such as 4",
        "5 points cannot be taken off here; accepted: 0.5 to 4",
        "is measured by a run, so an answer has no effect; accepted: `last_year` only",
        "`shaoxing-tcm-2022/13` cannot be exempt; accepted: `exempt` for `shaoxing-tcm-2022/7`",
        "`shaoxing-tcm-2022/1` is answered already",
        "the document says itself what `shaoxing-tcm-2022/3a` loses",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}\nshould contain {expected}");
    }
}

#[test]
fn answers_to_another_document_and_unknown_words_are_refused() {
    let text = "format = \"onetrip-answers-1\"\ndocument = \"ningbo-2016\"\n";
    let found = read_answers(Document::parse("a.toml", text), get("zhangdian-2020")).unwrap_err();
    assert!(messages(&found)[0].contains("the answers are to `ningbo-2016`"));
    let found =
        answers_to("zhangdian-2020", "[[answer]]\nid = \"zhangdian-2020/5c\"\nanswer = [\"networks\"]\n");
    let found = found.unwrap_err();
    assert!(
        found[0].contains("`networks` is not a word of `zhangdian-2020`; did you mean `network`?"),
        "{found:?}"
    );
}

#[test]
fn an_empty_form_reads_back_and_answers_nothing() {
    for document in documents() {
        for hospital in [None, Some(HospitalClass::Municipal.into()), Some(HospitalClass::Township.into())] {
            let form = answers_template(document, hospital);
            let answers = read_answers(Document::parse("form.toml", form.as_str()), document)
                .unwrap_or_else(|mistakes| panic!("{:#?}\n{form}", messages(&mistakes)));
            assert!(answers.iter().all(|(_, answer)| *answer == Answer::default()), "{}", document.id);
        }
    }
}

/// Fills a form as a person would who does all that is asked.
fn filled(line: &str) -> String {
    let Some(hint) = line.strip_prefix("# answer =") else { return line.to_owned() };
    if hint.contains("true or false") {
        return "answer = true".to_owned();
    }
    let asked = ["# asked: at least ", "# asked: at most "]
        .into_iter()
        .find_map(|start| hint.trim().strip_prefix(start));
    match asked.and_then(|rest| rest.split_once(" / ")) {
        Some((bar, _)) => format!("answer = {bar}"),
        None => format!("answer ={hint}"),
    }
}

#[test]
fn a_form_that_is_filled_in_is_accepted() {
    for document in documents() {
        let form: Vec<String> = answers_template(document, None).lines().map(filled).collect();
        let answers = read_answers(Document::parse("form.toml", form.join("\n")), document)
            .unwrap_or_else(|mistakes| panic!("{:#?}", messages(&mistakes)));
        let given = answers.iter().filter(|(_, answer)| answer.value.is_some()).count();
        let asked = document.checks().filter(|(_, check)| check.kind != EvidenceKind::Measured).count();
        assert_eq!(given, asked, "{}", document.id);
    }
}

#[test]
fn a_question_that_is_taken_up_but_not_answered_is_a_mistake() {
    let form = answers_template(get("shaoxing-2018"), None).replacen("# answer =", "answer =", 1);
    let found = read_answers(Document::parse("form.toml", form), get("shaoxing-2018")).unwrap_err();
    assert!(messages(&found)[0].contains("a value is missing after `=`"), "{:?}", messages(&found));
}

#[test]
fn documents_and_forms_are_what_their_schemas_describe() {
    let schema = |title, table| jsonschema::draft202012::new(&schema::json_schema(title, table)).unwrap();
    let (of_documents, of_answers) = (schema("targets", &DOCUMENT), schema("answers", &ANSWERS));
    let json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    for document in documents() {
        let text = json(embedded_text(&document.id));
        let errors: Vec<String> = of_documents.iter_errors(&text).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", document.id);
        let form: Vec<String> = answers_template(document, None).lines().map(filled).collect();
        assert!(of_answers.is_valid(&json(&form.join("\n"))), "{}", document.id);
    }
    assert!(!of_documents.is_valid(&json("format = \"onetrip-targets-1\"")));
}

#[test]
fn a_form_for_one_hospital_asks_only_what_is_asked_of_it() {
    let form = answers_template(get("shaoxing-2018"), Some(HospitalClass::Township.into()));
    assert!(form.contains("shaoxing-2018/23"));
    assert!(!form.contains("shaoxing-2018/24"));
}
