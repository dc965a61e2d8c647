//! The report as one HTML file that needs nothing else: tables, a percentile plot and a timeline, drawn as SVG.

use super::text::{NOT_TOLD, time};
use super::{HallView, RunOutcome, RunReport, times_us};
use hdrhistogram::Histogram;
use onetrip_history::{Language, Verdict};
use std::cmp::Reverse;
use std::fmt::Write as _;

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 260.0;
const MARGIN: f64 = 50.0;
/// Steps with a curve of their own.
const SLOWEST_SHOWN: usize = 5;
const COLOURS: [&str; 12] = [
    "#1b6ca8", "#c0392b", "#27875a", "#8e44ad", "#b9770e", "#34495e", "#d35480", "#16808a", "#6b8e23",
    "#7b4a2d", "#5a67d8", "#888888",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A curve with its name and colour.
struct Curve {
    name: String,
    points: Vec<(f64, f64)>,
}

/// A plot: curves, ticks of both axes, bands of time.
struct Plot {
    curves: Vec<Curve>,
    x_ticks: Vec<(f64, String)>,
    x_range: (f64, f64),
    y_name: String,
    bands: Vec<(f64, f64)>,
}

impl Plot {
    fn svg(&self) -> String {
        let highest =
            self.curves.iter().flat_map(|curve| &curve.points).map(|&(_, y)| y).fold(1e-9, f64::max);
        let top = 4.0 * round_step(highest / 4.0);
        let (from, to) = self.x_range;
        let x = |value: f64| MARGIN + (value - from) / (to - from).max(1e-9) * (WIDTH - MARGIN - 10.0);
        let y = |value: f64| HEIGHT - 30.0 - value / top * (HEIGHT - 50.0);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escaped(&self.y_name)
        );
        // Writing to a string cannot fail.
        for &(band_from, band_to) in &self.bands {
            let width = (x(band_to) - x(band_from)).max(1.0);
            let _ = write!(
                svg,
                "<rect x=\"{:.1}\" y=\"20\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"#c0392b\" opacity=\".15\"/>",
                x(band_from),
                HEIGHT - 50.0
            );
        }
        for step in 0..=4 {
            let value = top * f64::from(step) / 4.0;
            let _ = write!(
                svg,
                "<line x1=\"{MARGIN}\" x2=\"{}\" y1=\"{1:.1}\" y2=\"{1:.1}\" stroke=\"#ddd\"/><text x=\"{2}\" \
                 y=\"{3:.1}\" text-anchor=\"end\">{4}</text>",
                WIDTH - 10.0,
                y(value),
                MARGIN - 4.0,
                y(value) + 4.0,
                tick(value)
            );
        }
        for (at, label) in &self.x_ticks {
            // A label at the edge would be cut in half.
            let anchor = if x(*at) > WIDTH - 30.0 { "end" } else { "middle" };
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                x(*at),
                HEIGHT - 12.0,
                escaped(label)
            );
        }
        let _ = write!(svg, "<text x=\"4\" y=\"12\">{}</text>", escaped(&self.y_name));
        for (curve, colour) in self.curves.iter().zip(COLOURS.iter().cycle()) {
            let points: Vec<String> =
                curve.points.iter().map(|&(at, value)| format!("{:.1},{:.1}", x(at), y(value))).collect();
            let _ = write!(
                svg,
                "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" points=\"{}\"/>",
                points.join(" ")
            );
        }
        svg.push_str("</svg><p class=\"legend\">");
        for (curve, colour) in self.curves.iter().zip(COLOURS.iter().cycle()) {
            let _ = write!(svg, "<span style=\"color:{colour}\">■ {}</span> ", escaped(&curve.name));
        }
        svg.push_str("</p>");
        svg
    }
}

/// The next round number that is no smaller.
fn round_step(least: f64) -> f64 {
    let ten = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * ten).into_iter().find(|step| *step >= least).unwrap_or(least)
}

fn tick(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Quantiles over a logarithmic axis of nines, in ms.
fn quantile_curve(name: &str, histogram: &Histogram<u64>) -> Curve {
    let end = (histogram.len().max(1) as f64).log10().clamp(1.0, 5.0);
    let points = (0..=100)
        .map(|step| {
            let nines = end * f64::from(step) / 100.0;
            (nines, histogram.value_at_quantile(1.0 - 10f64.powf(-nines)) as f64 / 1e3)
        })
        .collect();
    Curve { name: name.to_owned(), points }
}

impl RunReport {
    /// The report as one HTML file in both languages, opening in one of them.
    pub fn html(&self, opens_in: Language) -> String {
        let (lang, is_english) = match opens_in {
            Language::English => ("en", true),
            Language::Chinese => ("zh", false),
        };
        let checked = |is_checked: bool| if is_checked { " checked" } else { "" };
        format!(
            "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{journey} · onetrip load</title><style>{STYLE}</style>\
             <nav><input type=\"radio\" name=\"language\" id=\"en\"{en}><label for=\"en\">English</label> \
             <input type=\"radio\" name=\"language\" id=\"zh\"{zh}><label for=\"zh\">中文</label></nav>\
             <main lang=\"en\">{english}</main><main lang=\"zh\">{chinese}</main></html>\n",
            journey = escaped(&self.plan.journey),
            en = checked(is_english),
            zh = checked(!is_english),
            english = self.body(Language::English),
            chinese = self.body(Language::Chinese),
        )
    }

    fn body(&self, language: Language) -> String {
        let say = |english: &'static str, chinese: &'static str| match language {
            Language::English => english,
            Language::Chinese => chinese,
        };
        let (class, word) = match self.outcome() {
            RunOutcome::Holds => ("good", say("passed", "通过")),
            RunOutcome::DoesNotHold => ("bad", say("failed", "未通过")),
            RunOutcome::Void => ("void", say("void", "无效")),
        };
        let mut html = format!(
            "<h1>{}{scenario} · {journey} <b class=\"{class}\">{word}</b></h1><p>{target}, {started}, {} {seed}</p>",
            say("Load test: ", "负载测试："),
            say("rng seed", "随机种子"),
            journey = escaped(&self.plan.journey),
            scenario = escaped(&self.scenario(language)),
            target = escaped(&self.target),
            started = escaped(&self.started_at),
            seed = self.plan.rng_seed,
        );
        let reasons = self.void_reasons(language);
        let reasons: String =
            reasons.map(|reason| format!("<p class=\"void\">{}</p>", escaped(&reason))).collect();
        let violated: Vec<String> = self
            .verdict
            .findings
            .iter()
            .filter(|finding| matches!(finding.verdict, Verdict::Violated))
            .map(|finding| format!("{} ×{}", finding.property.name(), finding.violation_count))
            .collect();
        let is_void = self.outcome() == RunOutcome::Void;
        if is_void {
            html.push_str(&reasons);
        }
        if !violated.is_empty() {
            let head = match is_void {
                true => say("Violated all the same", "但以下违反依然成立"),
                false => say("Violated", "违反"),
            };
            let _ = write!(html, "<p class=\"bad\">{head}{}{}</p>", say(": ", "："), violated.join(", "));
        }
        if !is_void {
            html.push_str(&reasons);
        }
        self.hall_html(language, &mut html);
        let _ = write!(html, "<h2>{}</h2>", say("Response by step", "各步骤响应时间"));
        self.steps_html(language, &mut html);
        self.plots_html(language, &mut html);
        let _ = write!(html, "<h2>{}</h2><table class=\"words\">", say("Correctness", "正确性"));
        for finding in &self.verdict.findings {
            let (class, word) = match &finding.verdict {
                Verdict::Holds => ("good", say("holds", "成立").to_owned()),
                Verdict::Violated => {
                    ("bad", format!("{} ×{}", say("violated", "违反"), finding.violation_count))
                }
                Verdict::NotCheckable { reason } => ("void", reason[language as usize].to_owned()),
            };
            let evidence: Vec<String> = finding
                .evidence
                .iter()
                .map(|one| format!("{}: {}", escaped(&one.object), escaped(&one.what[language as usize])))
                .collect();
            let _ = write!(
                html,
                "<tr><th>{}</th><td class=\"{class}\">{}</td><td>{}<br><small>{}</small></td></tr>",
                finding.property.name(),
                escaped(&word),
                escaped(finding.property.meaning(language)),
                evidence.join("<br>")
            );
        }
        html.push_str("</table>");
        if !self.judgements.is_empty() {
            let _ = write!(html, "<h2>{}</h2><table class=\"words\">", say("What was asked", "判定条件"));
            for judgement in &self.judgements {
                let (class, word) = if judgement.holds {
                    ("good", say("holds", "成立"))
                } else {
                    ("bad", say("does not hold", "不成立"))
                };
                let _ = write!(
                    html,
                    "<tr><th>{}</th><td class=\"{class}\">{word}</td><td>{}</td></tr>",
                    escaped(&judgement.condition),
                    escaped(judgement.found_in(language))
                );
            }
            html.push_str("</table>");
        }
        html
    }

    fn hall_html(&self, language: Language, html: &mut String) {
        let hall = HallView::of(&self.statistics.wait);
        let rows = [
            (hall.over_10_s_count, "patients waited over 10 s to get a slot", "名患者等待号源超过 10 秒"),
            (hall.over_1_s_count, "waited over 1 s", "名等待超过 1 秒"),
            (hall.got_count, "got a slot", "名取得号源"),
            (hall.gave_up_count, "gave up waiting", "名因久等放弃"),
            (hall.turned_away_count, "were turned away", "名被拒后离开"),
        ];
        html.push_str("<div class=\"hall\">");
        for (count, english, chinese) in rows {
            let words = if language == Language::English { english } else { chinese };
            let _ = write!(html, "<div><b>{count}</b><br>{words}</div>");
        }
        html.push_str("</div>");
    }

    fn steps_html(&self, language: Language, html: &mut String) {
        let heads: [&str; 11] = match language {
            Language::English => [
                "step",
                "sent",
                "ok",
                "refused",
                "errors",
                "p50",
                "p95",
                "p99",
                "p99.9",
                "max",
                "service p99",
            ],
            Language::Chinese => {
                ["步骤", "发送", "成功", "被拒", "错误", "p50", "p95", "p99", "p99.9", "最大", "服务 p99"]
            }
        };
        html.push_str("<table><tr>");
        for head in heads {
            let _ = write!(html, "<th>{head}</th>");
        }
        html.push_str("</tr>");
        for step in &self.statistics.steps {
            let _ = write!(
                html,
                "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
                escaped(&step.name),
                step.sent_count,
                step.ok_count,
                step.refused_count(),
                step.error_count()
            );
            for us in times_us(step) {
                let _ = write!(html, "<td>{}</td>", us.map_or_else(|| NOT_TOLD.to_owned(), time));
            }
            html.push_str("</tr>");
        }
        html.push_str("</table>");
    }

    fn plots_html(&self, language: Language, html: &mut String) {
        let is_english = language == Language::English;
        let mut curves = vec![quantile_curve(
            if is_english { "all steps" } else { "全部步骤" },
            &self.statistics.response(),
        )];
        // More curves than a few cannot be told apart: beside all steps together, the slowest.
        let mut used: Vec<_> =
            self.statistics.steps.iter().filter(|step| !step.response.is_empty()).collect();
        used.sort_by_key(|step| Reverse(step.response.value_at_quantile(0.99)));
        curves.extend(used.iter().take(SLOWEST_SHOWN).map(|step| quantile_curve(&step.name, &step.response)));
        let end = curves.iter().filter_map(|curve| curve.points.last()).map(|&(x, _)| x).fold(1.0, f64::max);
        let ticks = [(2.0_f64.log10(), "p50"), (1.0, "p90"), (2.0, "p99"), (3.0, "p99.9"), (4.0, "p99.99")];
        let percentile = Plot {
            curves,
            x_ticks: ticks
                .iter()
                .filter(|tick| tick.0 <= end)
                .map(|&(x, text)| (x, text.to_owned()))
                .collect(),
            x_range: (0.0, end),
            y_name: (if is_english { "response, ms" } else { "响应时间（毫秒）" }).to_owned(),
            bands: Vec::new(),
        };
        let seconds = &self.statistics.seconds;
        let series = |name: &str, value: &dyn Fn(&crate::engine::Second) -> f64| Curve {
            name: name.to_owned(),
            points: seconds.iter().enumerate().map(|(at, second)| (at as f64, value(second))).collect(),
        };
        let length = seconds.len().max(2) as f64 - 1.0;
        let apart = round_step(length / 8.0).ceil();
        let x_ticks: Vec<(f64, String)> = (0..=8)
            .map(|step| apart * f64::from(step))
            .filter(|at| *at <= length)
            .map(|at| (at, format!("{at:.0} s")))
            .collect();
        let bands: Vec<(f64, f64)> = self
            .statistics
            .stalls
            .iter()
            .map(|stall| (stall.from_us as f64 / 1e6, stall.until_us as f64 / 1e6))
            .collect();
        let rates = Plot {
            curves: vec![
                series(if is_english { "planned" } else { "计划" }, &|second| second.asked_count as f64),
                series(if is_english { "sent" } else { "发送" }, &|second| second.sent_count as f64),
                series(if is_english { "answered" } else { "应答" }, &|second| {
                    second.answered_count as f64
                }),
                series(if is_english { "errors" } else { "错误" }, &|second| second.error_count as f64),
            ],
            x_ticks: x_ticks.clone(),
            x_range: (0.0, length),
            y_name: (if is_english { "requests per second" } else { "每秒请求" }).to_owned(),
            bands: bands.clone(),
        };
        // A second in which nobody was answered has no response.
        let response = |name: &str, value: &dyn Fn(&crate::engine::Second) -> u64| Curve {
            name: name.to_owned(),
            points: seconds
                .iter()
                .enumerate()
                .filter(|(_, second)| second.max_us > 0)
                .map(|(at, second)| (at as f64, value(second) as f64 / 1e3))
                .collect(),
        };
        let responses = Plot {
            curves: vec![response("p50", &|second| second.p50_us), response("p99", &|second| second.p99_us)],
            x_ticks,
            x_range: (0.0, length),
            y_name: (if is_english { "response, ms" } else { "响应时间（毫秒）" }).to_owned(),
            bands,
        };
        let heads = if is_english {
            ["Percentiles: all steps, and the slowest", "Timeline (red: the server answered nobody)"]
        } else {
            ["分位数：全部步骤与最慢的步骤", "时间轴（红色：服务器无任何应答）"]
        };
        let _ = write!(html, "<h2>{}</h2>{}", heads[0], percentile.svg());
        let _ = write!(html, "<h2>{}</h2>{}{}", heads[1], rates.svg(), responses.svg());
    }
}

const STYLE: &str = "body{font:15px/1.5 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;\
max-width:920px;margin:2em auto;padding:0 1em;color:#222}table{border-collapse:collapse;width:100%}\
th,td{padding:.25em .5em;border-bottom:1px solid #ddd;text-align:right;vertical-align:top}\
th:first-child,.words td:last-child{text-align:left}.good{color:#1d7a46}.bad{color:#b3261e}.void{color:#9a6700}td.good,td.bad{white-space:nowrap}\
.hall{display:flex;gap:1.5em;flex-wrap:wrap}.hall b{font-size:1.8em}svg{width:100%}svg text{font-size:11px;fill:#444}\
.legend{margin:.2em 0;font-size:.9em}nav{text-align:right}\
html:has(#en:checked) main[lang=zh],html:has(#zh:checked) main[lang=en]{display:none}\
td{white-space:nowrap}.words td{white-space:normal}\
@media print{nav{display:none}body{margin:0 auto;font-size:11px}h2{break-after:avoid}tr,svg,.hall{break-inside:avoid}}";
