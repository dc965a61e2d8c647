//! Forms of small inspections, opened again.

use super::document::InspectionDocument;
use super::parts::{HospitalFacts, InspectionFacts};
use super::{page, sheet, terminal, writing};
use crate::document::ScenarioPart;
use crate::facts::RunFacts;
use crate::words::Language;
use onetrip_models::hospital::Hospital;
use onetrip_models::system::System;
use onetrip_scenarios::hospital::{hospital_text, read_hospital};
use onetrip_scenarios::reader::{Document, EvidenceRule, Provenance};
use onetrip_scenarios::targets::{self, read_answers};
use onetrip_studies::inspection::bulletin::bulletin;
use onetrip_studies::inspection::change::{Costs, search};
use onetrip_studies::inspection::look_back::look_back;
use onetrip_studies::inspection::{InspectSettings, Inspected, inspect};
use onetrip_studies::replicate::Silent;
use onetrip_studies::statistics::interval::Level;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{Cursor, Read};

/// A shipped hospital with a few values set: its system, itself in words, and the evidence of its numbers.
fn described(name: &str, assignments: &[&str]) -> (System, ScenarioPart, Vec<Provenance>) {
    let mut document = Document::parse(format!("{name}.toml"), hospital_text(name).expect("it is shipped"));
    assignments.iter().for_each(|assignment| document.set(assignment));
    let Ok(reading) = read_hospital(document, EvidenceRule::Optional) else { panic!("{name} does not read") };
    let words = ScenarioPart::of_hospital(&reading.value);
    let hospital = Hospital::new(reading.value.hospital).expect("a sound description");
    (System::Hospital(hospital), words, reading.provenance)
}

/// A county hospital and a health centre, inspected by a document, the first with a follow-up.
fn inspected(document: &str, answers: &str) -> InspectionDocument {
    let few = ["demand.visits_per_day=400"];
    let (county, health_centre) = (described("county-2016", &few), described("township", &[]));
    let words = [(county.1, county.2), (health_centre.1, health_centre.2)];
    let systems = [county.0, health_centre.0];
    let more_windows = "registration.windows.shifts.\"07:00-11:30\"=14";
    let (after, ..) = described("county-2016", &[few[0], more_windows]);
    let document = targets::document(document).expect("it comes with the program");
    let text = format!("format = \"onetrip-answers-1\"\ndocument = \"{}\"\n{answers}", document.id);
    let Ok(answers) = read_answers(Document::parse("answers.toml", text), document) else {
        panic!("no answers")
    };
    let settings =
        InspectSettings { rng_seed: 3, replications: 4, weeks: 2, visits: 2, on: None, level: Level::P95 };
    let all: Vec<Inspected<'_>> = ["county-2016", "township"]
        .iter()
        .zip(&systems)
        .map(|(name, system)| Inspected { name, system, answers: &answers })
        .collect();
    let (plan, hospitals) = inspect(&all, document, &settings, &Silent).expect("an inspection");
    let costs = Costs::default();
    let System::Hospital(hospital) = &systems[0] else { panic!("it is a hospital") };
    let weakest = hospitals[0].chances.weakest;
    let found = weakest.map(|item| {
        search(hospital, &hospitals[0].questions, item, (0.5, 0.95), &costs, &settings, &Silent)
            .expect("a search")
    });
    let again = Inspected { name: "county-after", system: &after, answers: &answers };
    let back = look_back(&hospitals[0], &again, document, &settings, &Silent).expect("a follow-up");
    let tables = bulletin(&hospitals, 2);
    let facts = |index: usize| HospitalFacts {
        name: all[index].name,
        system: &systems[index],
        run: RunFacts {
            scenario: words[index].0.clone(),
            command: String::new(),
            version: String::new(),
            inputs: &words[index].1,
            targets: None,
            visit_measures: Vec::new(),
        },
        inspection: &hospitals[index],
        change: found.as_ref().filter(|_| index == 0).map(|search| (search, &costs)),
        look_back: (index == 0).then_some(("county-after", &after, &back)),
    };
    InspectionDocument::new(&InspectionFacts {
        version: "0".to_owned(),
        command: "onetrip inspect 'county <&>'".to_owned(),
        settings: &settings,
        document,
        plan: &plan,
        hospitals: vec![facts(0), facts(1)],
        bulletin: &tables,
    })
}

/// The texts of a part, which must be well-formed to its end.
fn texts(part: &str) -> Vec<String> {
    let mut reader = Reader::from_str(part);
    let (mut texts, mut depth) = (Vec::new(), 0_i32);
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(text) => {
                let text: &str = text.as_ref();
                texts.push(text.to_owned());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    texts
}

/// Every part of a package by name.
fn parts(package: Vec<u8>) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(package)).expect("a zip");
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).expect("an entry");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("UTF-8");
            (file.name().expect("a name").to_string(), text)
        })
        .collect()
}

#[test]
fn the_word_form_opens_again_and_has_every_row_for_every_visit() {
    let document = inspected("shaoxing-2018", "");
    let hospital = &document.hospitals[0];
    let parts = parts(writing::docx(&document, hospital).expect("a package"));
    assert_eq!(parts.len(), 5);
    parts
        .iter()
        .for_each(|(_, part)| assert!(!part.is_empty() && !texts(part).is_empty() || part.contains("<")));
    let (_, body) = parts.iter().find(|(name, _)| name == "word/document.xml").expect("the body");
    let texts = texts(body);
    for item in &hospital.items {
        let number = item.id.rsplit('/').next().unwrap();
        let times = texts.iter().filter(|text| *text == number).count();
        assert!(times >= 2, "{}: {times} rows for two visits", item.id);
        assert!(texts.iter().any(|text| text.contains(&item.title.zh)), "{}", item.title.zh);
    }
    assert!(texts.iter().any(|text| text.contains("__________")), "something is left for the hand");
    // The same inspection gives the same bytes.
    assert_eq!(writing::docx(&document, hospital).unwrap(), writing::docx(&document, hospital).unwrap());
}

#[test]
fn the_sheet_opens_again_with_a_form_for_every_visit() {
    let document = inspected("shaoxing-2018", "");
    let hospital = &document.hospitals[0];
    let parts = parts(sheet::xlsx(&document, hospital).expect("a package"));
    parts.iter().for_each(|(_, part)| drop(texts(part)));
    let sheets = parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")).count();
    // Two forms, chances, changes, stories.
    assert_eq!(sheets, 5);
    let (_, shared) = parts.iter().find(|(name, _)| name == "xl/sharedStrings.xml").expect("texts");
    let texts = texts(shared).concat();
    assert!(
        hospital.items.iter().all(|item| texts.contains(&item.title.en.replace('&', "amp"))
            || texts.contains(item.title.zh.as_str()))
    );
}

#[test]
fn the_document_keeps_to_its_schema_and_says_all_of_every_form() {
    let document = inspected("shaoxing-2018", "");
    let value: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
    let validator = jsonschema::validator_for(&InspectionDocument::json_schema()).unwrap();
    assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).next().map(|e| e.to_string()));
    for hospital in &document.hospitals {
        assert_eq!(hospital.items.len(), 31);
        let answers = hospital.methods.iter().flat_map(|section| &section.items);
        assert_eq!(
            answers.filter(|item| !item.answer.en.is_empty() && !item.answer.zh.is_empty()).count(),
            24
        );
        for visit in &hospital.inspections {
            assert_eq!(visit.rows.len(), 31);
            for (row, item) in visit.rows.iter().zip(&hospital.items) {
                assert_eq!(row.item, item.id);
                assert_eq!(row.fields.len(), item.checks.len());
                let says = |source: &str| {
                    row.fields.iter().any(|field| field.source == source && field.value.is_none())
                };
                assert!(!says("description") && !says("answer"), "{}", row.item);
            }
            let waits: f64 =
                visit.story.iter().filter(|step| step.wait).map(|step| step.to_s - step.from_s).sum();
            assert!((waits - visit.waited_s).abs() < 1e-6);
        }
    }
    assert_eq!(document.bulletin.len(), 3);
    let back = document.hospitals[0].look_back.as_ref().expect("a follow-up");
    assert_eq!(back.same_patients, 2);
}

#[test]
fn page_and_terminal_speak_both_languages() {
    let document = inspected("shaoxing-2018", "");
    let page = page::render(&document, Language::Chinese).unwrap();
    assert!(page.contains("county &lt;") || page.contains("county &#60;"), "the name is shown, as text");
    assert!(!page.contains("county <&>"), "a name is never markup");
    for text in ["体验检查", "Inspection", "Follow-up", "回头看", "Bulletin", "通报"] {
        assert!(page.contains(text), "{text}");
    }
    let (english, chinese) =
        (terminal::render(&document, Language::English), terminal::render(&document, Language::Chinese));
    assert!(english.contains("chance to pass") && chinese.contains("通过概率"));
    assert!(!english.contains('第'), "{english}");
}

#[test]
fn a_document_that_scores_gives_a_sheet_of_points_with_its_deductions() {
    let answers = "[[answer]]\nid = \"shaoxing-tcm-2022/3a\"\nanswer = false\n\
                   [[answer]]\nid = \"shaoxing-tcm-2022/3b\"\nanswer = 2\n\
                   [[answer]]\nid = \"shaoxing-tcm-2022/23d\"\nanswer = 9\n";
    let document = inspected("shaoxing-tcm-2022", answers);
    let hospital = &document.hospitals[0];
    assert_eq!(hospital.items.len(), 23);
    // Task 3 has 5 points: one is lost as the head does not lead, two for two meetings too few.
    let task = hospital.items[2].points.expect("it scores");
    assert_eq!((task.most, task.held, task.lost), (5.0, 2.0, 3.0));
    let score = hospital.score.expect("it scores");
    assert_eq!(score.most, 100.0);
    assert!((score.held + score.lost + score.not_sure + score.not_assessed - 100.0).abs() < 1e-9);
    // Nine reports in the city's press are worth 18, and the bonus is 10 at most.
    assert_eq!(hospital.bonus.expect("it has a bonus").held, 10.0);
    let parts = parts(writing::docx(&document, hospital).unwrap());
    assert!(parts.iter().any(|(_, part)| part.contains("任务评分表")));
}
