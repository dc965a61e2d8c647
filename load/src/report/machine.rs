//! The report for other programs: percentile files and JUnit.

use super::RunReport;
use hdrhistogram::Histogram;
use onetrip_history::Verdict;
use std::fmt::Write as _;

/// A histogram in the text form of HdrHistogram's plotter (`.hgrm`), in milliseconds.
pub fn histogram_text(histogram: &Histogram<u64>) -> String {
    let mut text = String::from("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    for value in histogram.iter_quantiles(5) {
        let (quantile, count) = (value.quantile_iterated_to(), value.count_since_last_iteration());
        let inverse =
            if quantile < 1.0 { format!("{:.2}", 1.0 / (1.0 - quantile)) } else { "inf".to_owned() };
        let total = histogram.count_between(0, value.value_iterated_to()).max(count);
        let at_ms = value.value_iterated_to() as f64 / 1000.0;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{at_ms:12.3} {quantile:14.12} {total:10} {inverse:>14}");
    }
    let (mean, spread) = (histogram.mean() / 1000.0, histogram.stdev() / 1000.0);
    let max = if histogram.is_empty() { 0.0 } else { histogram.max() as f64 / 1000.0 };
    let _ = writeln!(text, "#[Mean    = {mean:12.3}, StdDeviation   = {spread:12.3}]");
    let _ = writeln!(text, "#[Max     = {max:12.3}, Total count    = {:12}]", histogram.len());
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// JUnit XML: one case for the soundness of the run, one for each property and each threshold.
pub fn junit(report: &RunReport) -> String {
    let mut cases: Vec<(String, Result<Option<String>, String>)> = Vec::new();
    let void: Vec<String> = report.soundness.void.iter().map(|reason| reason.words()[0].clone()).collect();
    cases.push(("the load was that of the plan".to_owned(), fail_if(void)));
    for finding in &report.verdict.findings {
        let outcome = match &finding.verdict {
            Verdict::Holds => Ok(None),
            Verdict::NotCheckable { reason } => Ok(Some(reason[0].to_owned())),
            Verdict::Violated => Err(finding
                .evidence
                .iter()
                .map(|evidence| format!("{}: {}", evidence.object, evidence.what[0]))
                .collect::<Vec<_>>()
                .join("\n")),
        };
        cases.push((finding.property.name().to_owned(), outcome));
    }
    for judgement in &report.judgements {
        let found = judgement.found.map_or("not told".to_owned(), |found| found.to_string());
        let outcome = if judgement.holds { Ok(None) } else { Err(format!("found {found}")) };
        cases.push((judgement.condition.clone(), outcome));
    }
    let count = |wanted: fn(&Result<Option<String>, String>) -> bool| {
        cases.iter().filter(|(_, outcome)| wanted(outcome)).count()
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"onetrip load {}\" tests=\"{}\" failures=\"{}\" \
         skipped=\"{}\" time=\"{:.3}\">\n",
        escaped(&report.plan.journey),
        cases.len(),
        count(Result::is_err),
        count(|outcome| matches!(outcome, Ok(Some(_)))),
        report.statistics.end_us as f64 / 1e6,
    );
    for (name, outcome) in &cases {
        let name = escaped(name);
        let inside = match outcome {
            Ok(None) => String::new(),
            Ok(Some(why)) => format!("<skipped message=\"{}\"/>", escaped(why)),
            Err(why) => format!("<failure>{}</failure>", escaped(why)),
        };
        let _ = writeln!(text, "  <testcase classname=\"load\" name=\"{name}\">{inside}</testcase>");
    }
    text.push_str("</testsuite>\n");
    text
}

fn fail_if(reasons: Vec<String>) -> Result<Option<String>, String> {
    if reasons.is_empty() { Ok(None) } else { Err(reasons.join("\n")) }
}
