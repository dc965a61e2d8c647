//! The page: alone in the world, in both languages, with nothing of the scenario taken for markup.

use crate::clinic;
use onetrip_report::document::{InputOrigin, InputPart, RunDocument};
use onetrip_report::words::{Language, Words};
use onetrip_report::{methods, page, plots};

fn document() -> RunDocument {
    let system = clinic::system();
    clinic::document(&system, &clinic::results(&system), "shaoxing-2018")
}

fn input(path: &str, origin: InputOrigin) -> InputPart {
    InputPart {
        path: path.into(),
        value: "75 s".into(),
        origin,
        replaced: None,
        source: Some("time study".into()),
        n: Some(1_250),
        assumption: false,
        note: None,
        file: "clinic.toml".into(),
        line: 12,
    }
}

#[test]
fn the_page_needs_nothing_from_anywhere() {
    let page = page::render_alone(&document(), Language::English).unwrap();
    for wanted in ["src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!page.contains(wanted), "{wanted}");
    }
    // The namespace of SVG is a name, not an address.
    let addresses = page.matches("http").count();
    assert_eq!(addresses, page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
}

#[test]
fn everything_is_said_in_both_languages() {
    let document = document();
    let page = page::render_alone(&document, Language::Chinese).unwrap();
    assert!(page.contains("<html lang=\"zh\">") && page.contains("id=\"zh\" checked"));
    assert_eq!(page.matches("<span lang=\"en\">").count(), page.matches("<span lang=\"zh\">").count());
    for item in &document.targets {
        assert!(page.contains(&item.title.zh), "{}", item.id);
    }
    let drawn = plots::all(&document);
    assert_eq!(drawn.len(), 4);
    assert_eq!(page.matches("<svg ").count(), 8);
    for plot in &drawn {
        assert_ne!(plot.svg(Language::English), plot.svg(Language::Chinese));
        assert!(plot.inline_svg(Language::English).contains("var(--text)"));
        assert!(!plot.svg(Language::English).contains("var("));
    }
}

#[test]
fn waits_are_drawn_with_the_targets_that_are_set_for_them() {
    let drawn = plots::all(&document());
    let waits = drawn.iter().find(|plot| plot.name == "waits").unwrap();
    assert!(waits.svg(Language::English).contains("mean ≤ 10 min"));
    assert!(waits.svg(Language::Chinese).contains("平均 ≤ 10 分钟"));
}

#[test]
fn all_items_of_stress_des_are_answered_in_both_languages() {
    let mut document = document();
    document.inputs = vec![
        input("station.registration.service_time.mean", InputOrigin::File),
        input("station.registration.servers", InputOrigin::CommandLine),
    ];
    let sections = methods::stress_des(&document);
    let numbers: Vec<&str> =
        sections.iter().flat_map(|section| &section.items).map(|item| item.number.as_str()).collect();
    let expected = [
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5", "3.1",
        "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
    ];
    assert_eq!(numbers, expected);
    for item in sections.iter().flat_map(|section| &section.items) {
        assert!(item.answer.en.len() > 10 && item.answer.zh.chars().count() > 5, "{}", item.number);
    }
    let answer = |number: &str| {
        let item = sections.iter().flat_map(|section| &section.items).find(|item| item.number == number);
        item.unwrap().answer.en.clone()
    };
    assert!(answer("2.3").contains("station.registration.servers"));
    assert!(answer("3.1").contains("time study"));
    assert!(answer("5.2").contains("rng seed 7"));
    assert!(answer("5.3").contains("onetrip run clinic.toml"));
}

#[test]
fn words_of_a_scenario_are_never_markup() {
    let mut document = document();
    document.scenario.title = Words::new("<b>clinic</b> & \"more\"", "<i>门诊</i>");
    document.stations[0].title = Words::same("<script>alert(1)</script>");
    document.inputs = vec![input("station.\"<u>x\".servers", InputOrigin::File)];
    let page = page::render_alone(&document, Language::English).unwrap();
    for wanted in ["<b>clinic", "<i>门诊", "<script", "<u>x"] {
        assert!(!page.contains(wanted), "{wanted}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("n = 1,250"));
}
