//! `onetrip explain`: what a figure means: who is counted, from when to when, in which unit, and who asks for it.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain, told};
use crate::scenario::{ScenarioArguments, compile};
use crate::suggestion::{listed, names_near};
use crate::table::{Column, table};
use anyhow::anyhow;
use onetrip_models::measure::{Measure, Statistic, Unit};
use onetrip_models::text::Text;
use onetrip_report::words::Language;
use onetrip_scenarios::load::FormatKind;
use onetrip_scenarios::targets::{self, EvidenceKind, TargetDocument, Threshold};
use onetrip_scenarios::{library, load};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Explain a measure: who is counted, from when to when, in which unit",
        "解释指标：统计对象、起止时点与单位"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Explain {
    #[arg(help = both("Id of a measure; without one those of the scenario are listed", "指标编号；不填则列出该情景的全部指标"))]
    measure: Option<String>,

    #[arg(
        long,
        help = both(
            "The scenario whose measures are meant; without it the default one, for a MEASURE all that come with the \
             program",
            "指定情景；不填则列出默认情景的指标，查找指标时则在全部附带情景中查找"
        )
    )]
    scenario: Option<String>,
}

/// A measure, and the scenarios that have it.
struct Known {
    measure: Measure,
    scenarios: Vec<String>,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told("onetrip explain", "the measures of the default scenario", "默认情景的全部指标"),
        told("onetrip explain --scenario clinic.toml", "those of your own", "自备情景的指标"),
        plain("onetrip explain system.sojourn_time.mean"),
        plain("onetrip explain booking.channels.count"),
    ],
    note: None,
};

impl Explain {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        match (&self.measure, &self.scenario) {
            (None, scenario) => {
                let scenario = ScenarioArguments::of(scenario.as_deref());
                list(&measures_of(&scenario, console)?, console)?;
            }
            (Some(id), Some(scenario)) => {
                let known = measures_of(&ScenarioArguments::of(Some(scenario)), console)?;
                let known = known
                    .into_iter()
                    .map(|measure| (measure.id.clone(), Known { measure, scenarios: vec![scenario.clone()] }))
                    .collect();
                explain(id, &known, console)?;
            }
            (Some(id), None) => explain(id, &embedded_measures()?, console)?,
        }
        Ok(Outcome::Done)
    }
}

fn measures_of(scenario: &ScenarioArguments, console: &Console) -> anyhow::Result<Vec<Measure>> {
    Ok(scenario.choose(console)?.system.measures().to_vec())
}

fn embedded_measures() -> anyhow::Result<BTreeMap<String, Known>> {
    let mut all: BTreeMap<String, Known> = BTreeMap::new();
    // A region is measured by its facilities.
    let systems = library::all().iter().filter(|embedded| embedded.kind != FormatKind::Region);
    for embedded in systems {
        let system = compile(&load::load(embedded.document())?.value)?;
        for measure in system.measures() {
            let known = all
                .entry(measure.id.clone())
                .or_insert_with(|| Known { measure: measure.clone(), scenarios: Vec::new() });
            known.scenarios.push(embedded.name.to_owned());
        }
    }
    Ok(all)
}

fn list(measures: &[Measure], console: &mut Console) -> anyhow::Result<()> {
    if console.is_json {
        let listed: Vec<Value> = measures.iter().map(measure_json).collect();
        return console.print_json(&listed);
    }
    let rows = measures
        .iter()
        .map(|measure| {
            let title = console.say(&measure.title.en, &measure.title.zh);
            vec![measure.id.clone(), unit_word(measure.unit, console).to_owned(), title.to_owned()]
        })
        .collect();
    let columns = [
        (console.say("measure", "指标"), Column::Name),
        (console.say("unit", "单位"), Column::Name),
        (console.say("title", "名称"), Column::Words),
    ];
    let text = table(&columns, rows);
    Ok(console.print(&text)?)
}

fn explain(id: &str, known: &BTreeMap<String, Known>, console: &mut Console) -> anyhow::Result<()> {
    let asked: Vec<Asked<'_>> =
        targets::documents().iter().flat_map(|document| asked_by(document, id)).collect();
    let measure = known.get(id);
    if measure.is_none() && asked.is_empty() {
        return Err(unknown(id, known, console));
    }
    if console.is_json {
        let mut explained = measure.map_or_else(|| json!({ "id": id }), |known| measure_json(&known.measure));
        explained["scenarios"] = json!(measure.map(|known| &known.scenarios));
        explained["asked_by"] = asked
            .iter()
            .map(|asked| json!({ "check": asked.id, "kind": asked.kind, "title": asked.title }))
            .collect();
        return console.print_json(&explained);
    }
    let mut text = format!("{id}\n");
    match measure {
        Some(known) => text.push_str(&meaning(known, console)),
        None => text.push_str(&format!("  {}\n", why_no_run(&asked, console))),
    }
    if !asked.is_empty() {
        text.push_str(&format!("\n  {}\n", console.say("Asked for by:", "相关目标：")));
        let rows = asked
            .iter()
            .map(|asked| {
                vec![format!("  {}", asked.id), console.say(&asked.title.en, &asked.title.zh).to_owned()]
            })
            .collect();
        let columns = [
            (console.say("  check", "  检查项"), Column::Name),
            (console.say("what is asked", "要求"), Column::Words),
        ];
        text.push_str(&table(&columns, rows));
        text.push('\n');
    }
    Ok(console.print(&text)?)
}

/// Who asks for a figure: a check, or an item that does not arise without it.
struct Asked<'a> {
    id: &'a str,
    kind: EvidenceKind,
    title: &'a Text,
}

fn asked_by<'a>(document: &'a TargetDocument, id: &str) -> Vec<Asked<'a>> {
    let checks = document.checks().filter_map(|(_, check)| {
        let is_measured = check.measure.as_deref() == Some(id);
        let is_compared =
            matches!(&check.threshold, Some(Threshold::LastYear { last_year }) if last_year == id);
        let kind = if is_measured { check.kind } else { EvidenceKind::Counted };
        (is_measured || is_compared).then_some(Asked { id: &check.id, kind, title: &check.title })
    });
    let exempted = document.targets.iter().filter_map(|target| {
        let is_asked = target.exemption.as_ref().is_some_and(|exemption| exemption.measure == id);
        is_asked.then_some(Asked { id: &target.id, kind: EvidenceKind::Counted, title: &target.title })
    });
    checks.chain(exempted).collect()
}

/// A figure that target documents know and no scenario measures.
fn why_no_run<'a>(asked: &[Asked<'_>], console: &'a Console) -> &'a str {
    match asked.first().map(|asked| asked.kind) {
        Some(EvidenceKind::Counted) => console.say(
            "Counted: read from the description of the hospital, else answered with --answers.",
            "计数项：取自医院描述，未描述时由 --answers 作答。",
        ),
        Some(EvidenceKind::Attested) => {
            console.say("Attested: answered with --answers.", "作答项：由 --answers 作答。")
        }
        _ => console.say("Measured, but no run computes it yet.", "测量项，目前尚无法模拟。"),
    }
}

fn meaning(known: &Known, console: &Console) -> String {
    let Known { measure, scenarios } = known;
    let (title, definition) = (&measure.title, &measure.definition);
    let (unit, symbol) = (unit_word(measure.unit, console), measure.unit.symbol());
    let statistic = statistic_words(measure.statistic, console);
    let unit = match console.language {
        Language::Chinese => format!("单位：{unit}（`{symbol}`）。取值：{statistic}。"),
        Language::English => format!("Unit: {unit} (`{symbol}`). Value: {statistic}."),
    };
    let interval = console.say(
        "Each replication gives one such value: that of its day, or with --days that of its days together. Shown are their \
         mean and Student's interval over replications, because patients of one day share its crowds. Days count alike, \
         busy or quiet; over many days together the patients of busy days weigh more, and waits are longer.",
        "每次重复得一个取值：当天的值，或以 --days 合计若干天的值。所示为各重复取值的平均及其 t 区间；同一天的患者共享当天的\
         拥挤，故以重复为独立单位。忙日与闲日同等计入；若多天合计，忙日患者占比更大，等候更长。",
    );
    let of_share = match measure.statistic {
        Statistic::Share => console.say(
            " Where the share is 0 or 1 in every replication, the interval is that of Clopper and Pearson for all counted.",
            "若各次重复中占比均为 0 或 1，则按全部计数给出 Clopper–Pearson 区间。",
        ),
        _ => "",
    };
    let interval = format!("{interval}{of_share}");
    let most = scenarios.iter().take(6).map(String::as_str).collect::<Vec<_>>();
    let more =
        if scenarios.len() > most.len() { format!(" … ({})", scenarios.len()) } else { String::new() };
    let found = format!("{}{}{more}", console.say("Measured in: ", "所在情景："), listed(&most));
    [console.say(&title.en, &title.zh), console.say(&definition.en, &definition.zh), &unit, &interval, &found]
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect()
}

fn unit_word(unit: Unit, console: &Console) -> &str {
    match unit {
        Unit::Seconds => console.say("seconds", "秒"),
        Unit::Share => console.say("share", "占比"),
        Unit::Count => console.say("number", "个数"),
        Unit::PerHour => console.say("per hour", "每小时"),
    }
}

fn statistic_words(statistic: Statistic, console: &Console) -> String {
    match statistic {
        Statistic::Mean => console.say("mean over those counted", "对统计对象取平均").to_owned(),
        Statistic::Quantile(share) => {
            let percent = share * 100.0;
            match console.language {
                Language::Chinese => format!("第{percent:.0}百分位数"),
                Language::English => format!("{percent:.0} % of those counted have at most this"),
            }
        }
        Statistic::Maximum => console.say("largest of one run", "单次运行中的最大值").to_owned(),
        Statistic::Share => console.say("share of those counted", "占统计对象的比例").to_owned(),
        Statistic::TimeAverage => console.say("average over time", "按时间平均").to_owned(),
        Statistic::Total => console.say("number counted", "计数").to_owned(),
    }
}

fn measure_json(measure: &Measure) -> Value {
    let words = |text: &Text| json!({ "en": text.en, "zh": text.zh });
    let statistic = match measure.statistic {
        Statistic::Mean => json!("mean"),
        Statistic::Quantile(share) => json!({ "quantile": share }),
        Statistic::Maximum => json!("maximum"),
        Statistic::Share => json!("share"),
        Statistic::TimeAverage => json!("time_average"),
        Statistic::Total => json!("total"),
    };
    json!({
        "id": measure.id,
        "unit": measure.unit.symbol(),
        "statistic": statistic,
        "title": words(&measure.title),
        "definition": words(&measure.definition),
        "headline": measure.is_headline,
    })
}

fn unknown(id: &str, known: &BTreeMap<String, Known>, console: &Console) -> anyhow::Error {
    let of_documents = targets::documents().iter().flat_map(|document| document.measures().into_keys());
    let mut names: Vec<&str> = known.keys().map(String::as_str).chain(of_documents).collect();
    names.sort_unstable();
    names.dedup();
    let near = names_near(id, &names);
    let mut text = match console.language {
        Language::Chinese => format!("没有名为 `{id}` 的指标"),
        Language::English => format!("no measure is called `{id}`"),
    };
    if !near.is_empty() {
        text.push_str(&format!("\n  {} {}?", console.say("did you mean", "是否指"), listed(&near)));
    }
    text.push_str(&format!(
        "\n  {}",
        console.say(
            "`onetrip explain` lists those of the default scenario, `onetrip explain --scenario SCENARIO` those of another",
            "`onetrip explain` 列出默认情景的指标，`onetrip explain --scenario 情景` 列出其他情景的指标"
        )
    ));
    anyhow!(text)
}
