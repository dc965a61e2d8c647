//! What a person sees on a terminal.

use crate::clinic;
use onetrip_report::terminal;
use onetrip_report::words::Language;
use unicode_width::UnicodeWidthStr;

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let system = clinic::system();
    let results = clinic::results(&system);
    let document = clinic::document(&system, &results, "shaoxing-2018");
    for language in Language::ALL {
        for width in [80, 100, 120] {
            let text = plain(&terminal::render(&document, language, width));
            for line in text.lines() {
                assert!(line.width() <= width, "{} > {width}: {line}", line.width());
            }
        }
    }
}

#[test]
fn every_section_is_there_in_both_languages() {
    let system = clinic::system();
    let results = clinic::results(&system);
    let document = clinic::document(&system, &results, "hangzhou-2018");
    let english = plain(&terminal::render(&document, Language::English, 100));
    for heading in
        ["A small clinic", "Stations", "Where the time of a visit goes", "Queue by hour", "Scorecard"]
    {
        assert!(english.contains(heading), "{heading}\n{english}");
    }
    let chinese = plain(&terminal::render(&document, Language::Chinese, 100));
    for heading in ["小型门诊", "站点", "时间去向", "各时段排队人数", "达标情况", "检验科"]
    {
        assert!(chinese.contains(heading), "{heading}\n{chinese}");
    }
}

#[test]
fn colours_are_only_added_never_needed() {
    let system = clinic::system();
    let results = clinic::results(&system);
    let document = clinic::document(&system, &results, "hangzhou-2018");
    let text = terminal::render(&document, Language::English, 100);
    assert!(text.contains('\u{1b}'));
    assert!(plain(&text).contains("not simulated yet"));
}
