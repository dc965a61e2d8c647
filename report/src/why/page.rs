//! The page of an explanation: one HTML file in both languages.

use super::terminal::{
    facts, hour_headings, hour_row, station_headings, station_row, step_text, visit_title, who,
};
use super::{ToldPart, WhyDocument};
use crate::document::Unit;
use crate::figures::{clock, count, duration, show_with_interval, whole_percent};
use crate::html::{both, figure, figure_without_title, in_both, list, table, words};
use crate::plots::Plot;
use crate::study::StudyPage;
use crate::words::Language;

/// The explanation as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub(super) fn render(
    document: &WhyDocument,
    plots: &[Plot],
    opens_in: Language,
) -> Result<String, askama::Error> {
    let mut body = list(&document.findings) + "\n";
    let (overall, visits): (Vec<&Plot>, Vec<&Plot>) =
        plots.iter().partition(|plot| ["stations", "hours"].contains(&plot.name.as_ref()));
    if document.visits.ended > 0 {
        body.push_str(&causes(document));
        overall.iter().for_each(|plot| body.push_str(&figure(plot)));
        body.push_str(&stations(document));
        body.push_str(&hours(document));
        body.push_str(&classes(document));
    }
    for (told, plot) in document.told.iter().zip(visits) {
        body.push_str(&format!("<h2>{}</h2>\n", words(&visit_title(document, told))));
        body.push_str(&figure_without_title(plot));
        body.push_str(&steps(document, told));
    }
    StudyPage {
        opens_in,
        plain_title: document.title(opens_in),
        title: format!(
            "{}{}",
            both("Why patients wait: ", "为何等候："),
            in_both(|language| document.title(language).to_owned())
        ),
        facts: in_both(|language| facts(document, language)),
        body,
        methods: &document.methods,
        command: &document.run.command,
    }
    .html()
}

fn causes(document: &WhyDocument) -> String {
    let headings = [
        both("cause", "原因"),
        both("what is put down to it", "含义"),
        both("a visit", "每次就诊"),
        both("share", "占比"),
    ];
    let rows: Vec<Vec<String>> = document
        .causes
        .iter()
        .filter(|cause| cause.time_us > 0)
        .map(|cause| {
            let title = words(&cause.title);
            vec![
                if cause.wait { format!("<b>{title}</b>") } else { title },
                words(&cause.definition),
                in_both(|language| show_with_interval(&cause.time_s, Unit::Seconds, language)),
                in_both(|language| whole_percent(cause.share, language)),
            ]
        })
        .collect();
    let note = both(
        "Bold: lost to the patient. Every instant of every visit has one cause; the causes of a visit add up to the time from \
         arrival to departure, to the microsecond.",
        "粗体为患者损失的时间。就诊的每一时刻归于且仅归于一个原因；各原因之和逐微秒等于在院时间。",
    );
    format!("<h2>{}</h2>{}<p class=\"muted\">{note}</p>", both("Causes", "原因"), table(&headings, &rows, 2))
}

fn stations(document: &WhyDocument) -> String {
    let (en, zh) = (station_headings(Language::English), station_headings(Language::Chinese));
    let headings: Vec<String> = en.iter().zip(&zh).map(|(en, zh)| both(en, zh)).collect();
    let rows: Vec<Vec<String>> = document
        .stations
        .iter()
        .map(|station| {
            let (en, zh) = (station_row(station, Language::English), station_row(station, Language::Chinese));
            en.iter().zip(&zh).map(|(en, zh)| both(en, zh)).collect()
        })
        .collect();
    let note = both(
        "Means over all visits, also those that do not come here. Walking, preparing and waiting on the way to a station count \
         at that station. Intervals of every cause are in why.json and why.csv.",
        "对全部就诊（含未到此站点者）取平均。前往某站点途中的步行、准备与等候计入该站点。各原因的区间见why.json与why.csv。",
    );
    format!(
        "<h2>{}</h2>{}<p class=\"muted\">{note}</p>",
        both("By station", "按站点"),
        table(&headings, &rows, 1)
    )
}

fn hours(document: &WhyDocument) -> String {
    let headings = hour_headings().map(|(en, zh)| both(en, zh));
    let rows: Vec<Vec<String>> = document
        .hours
        .iter()
        .map(|hour| {
            let of = |language| hour_row(document, hour, language);
            of(Language::English).iter().zip(of(Language::Chinese)).map(|(en, zh)| both(en, &zh)).collect()
        })
        .collect();
    let note =
        both("Patients at a time, averaged over the hour and the days.", "同时人数，对该时段与各日取平均。");
    format!(
        "<h2>{}</h2>{}<p class=\"muted\">{note}</p>",
        both("By hour", "按时段"),
        table(&headings, &rows, 1)
    )
}

fn classes(document: &WhyDocument) -> String {
    if document.classes.len() < 2 {
        return String::new();
    }
    let headings = [
        both("class of patient", "患者类别"),
        both("visits", "就诊"),
        both("inside", "在院"),
        both("lost", "等候"),
        both("mostly", "主因"),
    ];
    let rows: Vec<Vec<String>> = document
        .classes
        .iter()
        .map(|class| {
            let waits = class.causes.iter().filter_map(|one| Some((one, document.cause(&one.cause)?)));
            let main = waits.filter(|(_, cause)| cause.wait).max_by_key(|(one, _)| one.time_us);
            let main = main.map(|(one, cause)| {
                in_both(|language| {
                    let time = show_with_interval(&one.time_s, Unit::Seconds, language);
                    format!("{} {time}", cause.title.in_language(language))
                })
            });
            vec![
                words(&class.title),
                count(class.visits),
                in_both(|language| show_with_interval(&class.sojourn_s, Unit::Seconds, language)),
                in_both(|language| show_with_interval(&class.wait_s, Unit::Seconds, language)),
                main.unwrap_or_default(),
            ]
        })
        .collect();
    format!("<h2>{}</h2>{}", both("By class of patient", "按患者类别"), table(&headings, &rows, 1))
}

fn steps(document: &WhyDocument, told: &ToldPart) -> String {
    let headings = [both("from", "自"), both("to", "至"), both("what", "事项"), both("time", "时长")];
    let rows: Vec<Vec<String>> = told
        .steps
        .iter()
        .map(|step| {
            let what = in_both(|language| step_text(step, language));
            vec![
                in_both(|language| clock(step.from_s, language)),
                in_both(|language| clock(step.to_s, language)),
                if step.wait { format!("<b>{what}</b>") } else { what },
                in_both(|language| duration(step.time_us as f64 / 1e6, language)),
            ]
        })
        .collect();
    let who = in_both(|language| who(document, told, language));
    format!("<p class=\"muted\">{who}</p>{}", table(&headings, &rows, 3))
}
