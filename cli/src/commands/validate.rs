//! `onetrip validate`: the engine held to exact results of queueing theory, on the person's own machine.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain};
use crate::inputs::{Accepted, unknown};
use crate::progress::RunProgress;
use crate::table::{Column, table};
use onetrip_report::words::Language;
use onetrip_studies::validate::{FARTHEST, Held, ROWS, Row, Validation, validate};

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Hold the engine to exact results of queueing theory, on this machine, within a minute",
        "用排队论的精确结果检验模拟引擎（本机运行，一分钟内）"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Validate {
    #[arg(
        value_name = "SCENARIO",
        help = both("Only the cases that these networks state", "仅检验这些网络对应的算例")
    )]
    scenarios: Vec<String>,

    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        help = both("The number from which all randomness follows", "随机种子")
    )]
    rng_seed: u64,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip validate"),
        plain("onetrip validate erlang-a er-triage"),
        plain("onetrip validate --rng-seed 7 --json"),
    ],
    note: Some((
        "z is the distance from the exact value in standard errors. A figure fails from 3.5 on, which chance alone \
         does once in 2,100 figures; where nothing is left to luck it must be exact. Ends with 1 when a figure \
         fails.",
        "z 为与精确值之差除以标准误。|z| ≥ 3.5 判为未通过（偶然发生的概率约为 1/2100）；无随机性的算例须完全一致。\
         有算例未通过时退出码为 1。",
    )),
};

impl Validate {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let rows = self.rows(console)?;
        let progress = RunProgress::new(console.say("cases", "算例"), console)?;
        let validation = validate(&rows, self.rng_seed, &progress)?;
        drop(progress);
        if validation.figures.is_empty() {
            return Err(Interrupted.into());
        }
        if console.is_json {
            console.print_json(&validation)?;
        } else {
            let text = page(&validation, console);
            console.print(&text)?;
        }
        Ok(if validation.failed == 0 { Outcome::Done } else { Outcome::DoesNotHold })
    }

    fn rows(&self, console: &Console) -> anyhow::Result<Vec<&'static Row>> {
        let known: Vec<&str> = ROWS.iter().map(|row| row.scenario).collect();
        if let Some(wanted) = self.scenarios.iter().find(|wanted| !known.contains(&wanted.as_str())) {
            return Err(unknown(
                ("network with an exact answer", "有精确解的网络"),
                Accepted::Name,
                wanted,
                &known,
                console,
            ));
        }
        let is_wanted =
            |row: &&Row| self.scenarios.is_empty() || self.scenarios.iter().any(|one| one == row.scenario);
        Ok(ROWS.iter().filter(is_wanted).collect())
    }
}

fn page(validation: &Validation, console: &Console) -> String {
    let columns = [
        (console.say("case", "算例"), Column::Number),
        (console.say("network", "网络"), Column::Name),
        (console.say("quantity", "量"), Column::Path),
        (console.say("exact", "精确值"), Column::Number),
        (console.say("simulated", "模拟值"), Column::Number),
        (console.say("95 % interval", "95% 置信区间"), Column::Number),
        (console.say("unit", "单位"), Column::Name),
        ("z", Column::Number),
        ("", Column::Name),
    ];
    let rows = validation.figures.iter().map(|figure| row(figure, console)).collect();
    let (count, failed) = (validation.figures.len(), validation.failed);
    let verdict = match (console.language, failed) {
        (Language::Chinese, 0) => format!("{count}个量全部与精确值一致（|z| < {FARTHEST}）。"),
        (Language::Chinese, _) => format!("{count}个量中有{failed}个与精确值不符。"),
        (Language::English, 0) => {
            format!("All {count} figures agree with their exact values (|z| < {FARTHEST}).")
        }
        (Language::English, 1) => format!("1 of {count} figures does not agree with its exact value."),
        (Language::English, _) => {
            format!("{failed} of {count} figures do not agree with their exact values.")
        }
    };
    let cut_short = if validation.is_cut_short {
        console.say("Stopped early: not every case was simulated.\n", "已提前终止，未完成全部算例。\n")
    } else {
        ""
    };
    format!("{}\n\n{cut_short}{verdict}\n", table(&columns, rows))
}

fn row(figure: &Held, console: &Console) -> Vec<String> {
    let interval =
        figure.interval.map(|interval| format!("{} … {}", digits(interval.low), digits(interval.high)));
    vec![
        figure.case.to_string(),
        figure.scenario.to_owned(),
        figure.quantity.to_owned(),
        digits(figure.exact),
        figure.simulated.map_or_else(|| "–".to_owned(), digits),
        interval.unwrap_or_default(),
        unit_word(figure.unit, console).to_owned(),
        figure.z.map(|z| format!("{z:+.2}")).unwrap_or_default(),
        if figure.holds { "✓" } else { console.say("✗ wrong", "✗ 不符") }.to_owned(),
    ]
}

/// The unit of a figure; cases of theory that have none count in units of time.
fn unit_word<'a>(unit: &'a str, console: &'a Console) -> &'a str {
    match unit {
        "s" => console.say(unit, "秒"),
        "min" => console.say(unit, "分钟"),
        "h" => console.say(unit, "小时"),
        "unit" => console.say(unit, "单位时间"),
        other => other,
    }
}

/// Five digits that count.
fn digits(value: f64) -> String {
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    let decimals = usize::try_from(4 - magnitude).unwrap_or(0).min(8);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_five_digits_that_count() {
        assert_eq!(digits(0.049_360_154), "0.04936");
        assert_eq!(digits(66.493_6), "66.494");
        assert_eq!(digits(6.0), "6");
        assert_eq!(digits(100.0), "100");
        assert_eq!(digits(0.0), "0");
    }
}
