//! The page of a run: one HTML file with everything in both languages, that needs nothing else and reads well on paper.

use crate::document::{
    CheckPart, Figure, Finding, InputPart, MeasurePart, RunDocument, StationPart, TargetPart, Unit, Verdict,
    WaitFigures,
};
use crate::figures::{clock, count, finding, show, show_with_interval};
use crate::html::{self, both, escaped, in_both};
use crate::methods;
use crate::phrases;
use crate::plots::{self, Plot};
use crate::words::{Language, Words};
use askama::Template;

/// The run as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub fn render(document: &RunDocument, plots: &[Plot], opens_in: Language) -> Result<String, askama::Error> {
    Page { document, plots, opens_in }.render()
}

/// The run as a page, with its plots drawn for it.
///
/// # Errors
/// As [`render`].
pub fn render_alone(document: &RunDocument, opens_in: Language) -> Result<String, askama::Error> {
    render(document, &plots::all(document), opens_in)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    document: &'a RunDocument,
    plots: &'a [Plot],
    opens_in: Language,
}

/// What the template asks for. Everything ends as HTML that is safe to insert.
impl Page<'_> {
    fn words(&self, words: &Words) -> String {
        html::words(words)
    }

    fn say(&self, en: &str, zh: &str) -> String {
        both(en, zh)
    }

    fn title(&self) -> String {
        in_both(|language| self.title_in(language).to_owned())
    }

    fn title_in(&self, language: Language) -> &str {
        self.document.scenario.title.or_name(&self.document.scenario.id, language)
    }

    fn plain_title(&self) -> &str {
        self.title_in(self.opens_in)
    }

    fn facts(&self) -> String {
        let run = &self.document.run;
        let level = phrases::percent(run.level);
        in_both(|language| {
            let replications = phrases::replications(self.document, language);
            match language {
                Language::English => format!(
                    "{replications} · {level} % intervals · rng seed {} · onetrip {}",
                    run.rng_seed, run.version
                ),
                Language::Chinese => {
                    format!(
                        "{replications} · {level}%置信区间 · 随机种子{} · onetrip {}",
                        run.rng_seed, run.version
                    )
                }
            }
        })
    }

    fn accounting(&self) -> String {
        in_both(|language| phrases::accounting(self.document, language))
    }

    fn long_run(&self) -> String {
        in_both(|language| phrases::long_run(self.document, language).unwrap_or_default())
    }

    fn cut_short(&self) -> String {
        in_both(|language| phrases::cut_short(language).to_owned())
    }

    fn figure(&self, figure: &Figure, unit: Unit) -> String {
        in_both(|language| show_with_interval(figure, unit, language))
    }

    /// Value above, interval below.
    fn stacked(&self, figure: &Figure, unit: Unit) -> String {
        let value = in_both(|language| show(figure, unit, language).value);
        let interval = show(figure, unit, Language::English).plus_minus;
        if interval.is_empty() { value } else { format!("{value}<small>{interval}</small>") }
    }

    fn measure_figure(&self, measure: &MeasurePart) -> String {
        self.figure(&measure.figure, measure.unit)
    }

    fn wait(&self, station: &StationPart, pick: fn(&WaitFigures) -> Option<f64>) -> String {
        self.stacked(&station.wait_time_s.figure(pick), Unit::Seconds)
    }

    fn waits(&self, station: &StationPart) -> Vec<String> {
        let picks: [fn(&WaitFigures) -> Option<f64>; 5] =
            [|wait| wait.mean, |wait| wait.p50, |wait| wait.p90, |wait| wait.p95, |wait| wait.max];
        picks.into_iter().map(|pick| self.wait(station, pick)).collect()
    }

    fn busy(&self, station: &StationPart) -> String {
        self.stacked(&station.utilisation(), Unit::Share)
    }

    fn longest_queue(&self, station: &StationPart) -> String {
        let longest = count(station.longest_queue.count);
        match station.longest_queue.at_s {
            Some(at) => format!("{longest}<small>{}</small>", in_both(|language| clock(at, language))),
            None => longest,
        }
    }

    /// Numbers of customers are shown per run.
    fn per_run(&self, number: u64) -> String {
        let runs = self.document.accounting.runs.max(1) as f64;
        let figure = Figure { value: Some(number as f64 / runs), ..Figure::default() };
        show(&figure, Unit::Count, Language::English).value
    }

    fn served_per_run(&self, station: &StationPart) -> String {
        self.per_run(station.served)
    }

    fn left_per_run(&self, station: &StationPart) -> String {
        self.per_run(station.left_unserved())
    }

    fn stations(&self) -> Vec<&StationPart> {
        self.document.stations_by_waiting()
    }

    fn summary(&self) -> String {
        let Some(card) = &self.document.scorecard else { return String::new() };
        in_both(|language| phrases::summary(&card.summary, language))
    }

    fn score(&self) -> String {
        in_both(|language| phrases::score(self.document, language).unwrap_or_default())
    }

    fn items_of(&self, group: &str) -> Vec<&TargetPart> {
        self.document.targets.iter().filter(|item| item.group == group).collect()
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        in_both(|language| phrases::verdict(*verdict, language).to_owned())
    }

    fn verdict_class(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Met => "met",
            Verdict::Missed => "missed",
            Verdict::NotSureYet => "unsure",
            Verdict::NotAssessed | Verdict::NotSimulatedYet | Verdict::NotApplicable => "open",
        }
    }

    fn short_id<'b>(&self, id: &'b str) -> &'b str {
        phrases::within_document(id)
    }

    fn bar(&self, item: &TargetPart) -> String {
        item.threshold.as_ref().map_or_else(String::new, |threshold| labelled(threshold, item.unit))
    }

    fn check_bar(&self, check: &CheckPart) -> String {
        check.threshold.as_ref().map_or_else(String::new, |threshold| labelled(threshold, check.unit))
    }

    /// The checks of an item are listed when anything is known of one.
    fn shows_checks(&self, item: &TargetPart) -> bool {
        item.checks.len() > 1 && item.checks.iter().any(|check| phrases::is_known(check.verdict))
    }

    fn why(&self, item: &TargetPart) -> String {
        in_both(|language| phrases::why(item, language))
    }

    fn how_it_was_made(&self) -> String {
        html::methods(&methods::stress_des(self.document), &self.document.run.command)
    }

    fn drawn(&self, plot: &Plot) -> String {
        html::figure(plot)
    }

    /// A path may break after its points and lines.
    fn path(&self, input: &InputPart) -> String {
        escaped(&input.path).replace('.', ".<wbr>").replace('_', "_<wbr>")
    }

    fn source(&self, input: &InputPart) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(source) = &input.source {
            let n = input.n.map_or_else(String::new, |n| format!(" (n = {})", count(n)));
            parts.push(escaped(&format!("{source}{n}")));
        }
        if input.assumption {
            parts.push(both("assumption", "假设"));
        }
        if let Some(note) = &input.note {
            parts.push(escaped(note));
        }
        if let Some(replaced) = &input.replaced {
            parts.push(both(&format!("replaces {replaced}"), &format!("替换原值 {replaced}")));
        }
        if parts.is_empty() { both("not stated", "未说明") } else { parts.join(" · ") }
    }
}

/// A threshold with its heading, which is seen where the table has none: on a narrow screen.
fn labelled(threshold: &Finding, unit: Option<Unit>) -> String {
    let label = both("target", "目标");
    format!("<span class=\"label\">{label}</span>{}", in_both(|language| finding(threshold, unit, language)))
}
