//! `onetrip targets`: what policy documents ask of hospitals, and the form to answer what no run can measure.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use crate::inputs::target_document;
use crate::table::{Column, table};
use anyhow::bail;
use clap::ValueEnum;
use onetrip_models::text::Text;
use onetrip_scenarios::targets::{
    self, Check, Comparison, Deadline, EvidenceKind, HospitalClass, HospitalStanding, Points, Target,
    TargetDocument, Threshold,
};
use serde::Serialize;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "List the target documents, or the items of one",
        "列出目标文件，或某一文件的全部条目"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Targets {
    #[arg(
        value_name = "DOC",
        help = both("A document by its name, or a file of your own", "文件名称，或自备文件的路径")
    )]
    document: Option<String>,

    #[arg(
        long,
        requires = "document",
        help = both(
            "Print an answers file with every question that a person must answer, to fill in",
            "输出需由人工作答的问题表，填写后用于 --answers"
        )
    )]
    form: bool,

    #[arg(
        long,
        value_enum,
        requires = "form",
        help = both("Ask only what is asked of a hospital of this class", "只列出对该类医院的要求")
    )]
    class: Option<Class>,
}

/// A class of hospital, as typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Class {
    Municipal,
    County,
    CountyPilot,
    Township,
    MaternalChild,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip targets"),
        plain("onetrip targets shaoxing-2018"),
        plain("onetrip targets shaoxing-2018 --form --class county > answers.toml"),
        plain("onetrip run county-2016 --targets shaoxing-2018 --answers answers.toml"),
    ],
    note: None,
};

impl From<Class> for HospitalStanding {
    fn from(class: Class) -> HospitalStanding {
        let class = match class {
            Class::Municipal => HospitalClass::Municipal,
            Class::County => HospitalClass::County,
            Class::CountyPilot => HospitalClass::CountyPilot,
            Class::Township => HospitalClass::Township,
            Class::MaternalChild => HospitalClass::MaternalChild,
        };
        class.into()
    }
}

/// A document in one line of a list.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a Text,
    place: &'a Text,
    issued: &'a str,
    items: usize,
    measured: usize,
    counted: usize,
    attested: usize,
    points: Option<f64>,
    bonus_points: Option<f64>,
}

impl Targets {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let Some(wanted) = self.document else {
            list(console)?;
            return Ok(Outcome::Done);
        };
        let document = target_document(&wanted, console)?;
        if self.form {
            if console.is_json {
                bail!(console.say(
                    "the form is a TOML file and has no JSON; accepted: `--form` or `--json`",
                    "问题表是 TOML 文件，没有 JSON 形式；--form 与 --json 只能选一个"
                ));
            }
            console.print(&targets::answers_template(&document, self.class.map(HospitalStanding::from)))?;
        } else if console.is_json {
            console.print_json(document.as_ref())?;
        } else {
            let text = page(&document, console);
            console.print(&text)?;
        }
        Ok(Outcome::Done)
    }
}

fn list(console: &mut Console) -> anyhow::Result<()> {
    let listed: Vec<Listed<'_>> = targets::documents().iter().map(Listed::of).collect();
    if console.is_json {
        return console.print_json(&listed);
    }
    let rows = listed
        .iter()
        .map(|document| {
            let points = match (document.points, document.bonus_points) {
                (Some(points), Some(bonus)) => format!("{points} + {bonus}"),
                (Some(points), None) => points.to_string(),
                (None, _) => String::new(),
            };
            let mut row = vec![document.id.to_owned()];
            row.extend(
                [document.items, document.measured, document.counted, document.attested]
                    .map(|n| n.to_string()),
            );
            row.extend([points, console.say(&document.title.en, &document.title.zh).to_owned()]);
            row
        })
        .collect();
    let columns = [
        (console.say("document", "文件"), Column::Name),
        (console.say("items", "条目"), Column::Number),
        (console.say("measured", "测量"), Column::Number),
        (console.say("counted", "计数"), Column::Number),
        (console.say("attested", "作答"), Column::Number),
        (console.say("points", "分值"), Column::Number),
        (console.say("title", "标题"), Column::Words),
    ];
    let mut text = table(&columns, rows);
    text.push_str(console.say(
        "\n\nMeasured: computed by a run, with an interval. Counted: read from the description of the hospital.\n\
         Attested: answered for by a person (--answers). `onetrip targets DOC` lists the items.\n",
        "\n\n测量：由模拟得出并附置信区间。计数：取自医院描述。作答：由人工填写（--answers）。\n\
         `onetrip targets 文件` 列出各条目。\n",
    ));
    Ok(console.print(&text)?)
}

impl Listed<'_> {
    fn of(document: &TargetDocument) -> Listed<'_> {
        let of_kind = |kind| document.checks().filter(|(_, check)| check.kind == kind).count();
        Listed {
            id: &document.id,
            title: &document.title,
            place: &document.place,
            issued: &document.issued,
            items: document.targets.len(),
            measured: of_kind(EvidenceKind::Measured),
            counted: of_kind(EvidenceKind::Counted),
            attested: of_kind(EvidenceKind::Attested),
            points: document.points,
            bonus_points: document.bonus_points,
        }
    }
}

fn page(document: &TargetDocument, console: &Console) -> String {
    let say = |text: &Text| console.say(&text.en, &text.zh).to_owned();
    let mut text = format!("{}\n{}, {}\n", say(&document.title), say(&document.place), document.issued);
    let has_points = document.points.is_some();
    for group in &document.groups {
        let rows: Vec<Vec<String>> = document
            .targets
            .iter()
            .filter(|target| target.group == group.id)
            .flat_map(|target| rows_of(target, document, console))
            .map(|mut row| {
                if !has_points {
                    row.truncate(row.len() - 1);
                }
                row
            })
            .collect();
        let mut columns = vec![
            (console.say("item", "条目"), Column::Name),
            (console.say("what is asked", "要求"), Column::Words),
            (console.say("known by", "依据"), Column::Name),
            (console.say("bar", "标准"), Column::Words),
            (console.say("by", "期限"), Column::Name),
        ];
        if has_points {
            columns.push((console.say("points", "分值"), Column::Number));
        }
        text.push_str(&format!("\n{}\n{}\n", say(&group.title), table(&columns, rows)));
    }
    text
}

/// The rows of an item: one, or where it has several checks its own and theirs.
fn rows_of(target: &Target, document: &TargetDocument, console: &Console) -> Vec<Vec<String>> {
    let say = |text: &Text| console.say(&text.en, &text.zh).to_owned();
    let points = match target.points {
        Some(Points::Ordinary(points)) => points.to_string(),
        Some(Points::Bonus(points)) => format!("+{points}"),
        None => String::new(),
    };
    let of_check = |check: &Check, points: String| {
        vec![
            check.id.clone(),
            say(&check.title),
            kind(check.kind, console).to_owned(),
            bars(target, check, document, console),
            last_day(target, check),
            points,
        ]
    };
    if let [only] = target.checks.as_slice() {
        return vec![of_check(only, points)];
    }
    let own =
        vec![target.id.clone(), say(&target.title), String::new(), String::new(), String::new(), points];
    let checks = target.checks.iter().map(|check| of_check(check, String::new()));
    std::iter::once(own).chain(checks).collect()
}

fn kind(kind: EvidenceKind, console: &Console) -> &str {
    match kind {
        EvidenceKind::Measured => console.say("measured", "测量"),
        EvidenceKind::Counted => console.say("counted", "计数"),
        EvidenceKind::Attested => console.say("attested", "作答"),
    }
}

fn stages<'a>(target: &'a Target, check: &'a Check) -> &'a [Deadline] {
    if check.deadlines.is_empty() { &target.deadlines } else { &check.deadlines }
}

/// The bar, or the bars of its stages in their order.
fn bars(target: &Target, check: &Check, document: &TargetDocument, console: &Console) -> String {
    let staged = stages(target, check).iter().filter_map(|stage| stage.threshold.as_ref());
    let mut all: Vec<String> = Vec::new();
    for threshold in check.threshold.iter().chain(staged) {
        let bar = bar(threshold, check.comparison, document, console);
        if !all.contains(&bar) {
            all.push(bar);
        }
    }
    all.join(" / ")
}

fn bar(
    threshold: &Threshold,
    comparison: Comparison,
    document: &TargetDocument,
    console: &Console,
) -> String {
    let relation = match comparison {
        Comparison::AtMost => "≤",
        Comparison::AtLeast => "≥",
        Comparison::Equals | Comparison::All => "=",
    };
    match threshold {
        Threshold::Quantity(quantity) => {
            let wording = quantity.wording();
            format!("{relation} {}", console.say(&wording.en, &wording.zh))
        }
        Threshold::Flag(true) => console.say("yes", "有").to_owned(),
        Threshold::Flag(false) => console.say("no", "无").to_owned(),
        Threshold::Words(words) => {
            let words: Vec<Text> = words.iter().map(|word| document.word(word)).collect();
            let said: Vec<&str> = words.iter().map(|word| console.say(&word.en, &word.zh)).collect();
            said.join(console.say(", ", "、"))
        }
        Threshold::LastYear { .. } => format!("{relation} {}", console.say("last year's", "上年")),
    }
}

/// The first and the last day by which it is asked for, over all audiences.
fn last_day(target: &Target, check: &Check) -> String {
    let days = || stages(target, check).iter().map(|stage| stage.by);
    match (days().min(), days().max()) {
        (Some(first), Some(last)) if first != last => format!("{first} … {last}"),
        (Some(only), _) => only.to_string(),
        (None, _) => String::new(),
    }
}
