//! `onetrip why`: the cause of waiting, instant by instant.

use crate::arguments::both;
use crate::command_line::command_line;
use crate::console::Console;
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain, told};
use crate::progress::RunProgress;
use crate::scenario::{Chosen, ScenarioArguments};
use crate::settings::{SettingsArguments, repeating_words};
use crate::suggestion::listed;
use anyhow::{anyhow, bail};
use clap::ValueEnum;
use onetrip_models::system::System;
use onetrip_report::facts::RunFacts;
use onetrip_report::why::folder::{FOLDER, write_folder};
use onetrip_report::why::{WhyDocument, terminal};
use onetrip_report::words::Language;
use onetrip_studies::film::PatientId;
use onetrip_studies::replicate::{ReplicateError, RunSettings};
use onetrip_studies::why::{self, Day, WhyError, WhySettings, find_causes, find_patient, name_of_patient};
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Say why patients wait: others, staff off duty, machines down, results; by station, hour and patient",
        "分析患者为何等候：前面有人、无人在岗、设备故障、等待结果；按站点、时段与患者"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Why {
    #[command(flatten)]
    scenario: ScenarioArguments,

    #[command(flatten)]
    settings: SettingsArguments,

    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "N",
        help = both(
            "Tell the visit of this patient too: SOURCE:NUMBER of the first day, as in visits.csv, such as `walk_ins:17`, or \
             the booking, `bookings:cardiology/08:00/6`; `walk_ins:17@3` of replication 3, `@3/2` on its second day; the \
             number alone where there is one source",
            "另外讲述该患者的就诊：首日写“来源:编号”（同 visits.csv），如 `walk_ins:17`，或写预约，如 \
             `bookings:cardiology/08:00/6`；`walk_ins:17@3` 为第3次重复，`@3/2` 为其第2天；仅一个来源时可只写编号"
        )
    )]
    patient: Option<String>,

    #[arg(
        long,
        value_enum,
        default_value_t = By::Sojourn,
        help = both(
            "What decides who is the median and who the worst patient: the time from arrival to departure, or what is \
             lost of it",
            "居中与最差患者按何者选定：停留时间（sojourn），或其中的等候损失（wait）"
        )
    )]
    by: By,

    #[arg(
        long,
        value_name = "DIR",
        help = both(
            "Write why.html, why.json, why.csv and the plots into this folder",
            "将 why.html、why.json、why.csv 与图表写入该文件夹"
        )
    )]
    out: Option<PathBuf>,
}

/// What decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum By {
    /// The time from arrival to departure.
    Sojourn,
    /// The time lost to the patient.
    Wait,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            By::Sojourn => "sojourn",
            By::Wait => "wait",
        }
    }
}

impl From<By> for why::By {
    fn from(by: By) -> why::By {
        match by {
            By::Sojourn => why::By::Sojourn,
            By::Wait => why::By::Wait,
        }
    }
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told("onetrip why", "the default scenario", "默认情景"),
        plain("onetrip why county-2016 --replications 20"),
        told(
            "onetrip why county-2016 --by wait --out why",
            "a page with timelines, to open in a browser",
            "生成含时间线的网页",
        ),
        told(
            "onetrip why county-2016 --patient walk_ins:17",
            "how that patient's visit went",
            "该患者的就诊经过",
        ),
        told(
            "onetrip why county-2016 --patient walk_ins:17@3",
            "the same of replication 3",
            "第3次重复中的该患者",
        ),
        plain("onetrip why mm1-pharmacy --patient 3"),
        plain("onetrip why township --json | jq '.causes'"),
    ],
    note: Some((
        "Every instant of every visit has one cause, so causes add up to the time inside. What would happen without \
         a cause is another question: `onetrip compare` answers it.",
        "就诊的每一时刻归于一个原因，各原因之和等于在院时间。若要知道消除某一原因后会怎样，请用 `onetrip compare`。",
    )),
};

impl Why {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        let chosen = self.scenario.choose(console)?;
        let patient = self.patient.as_ref().map(|wanted| patient(wanted, &chosen, console)).transpose()?;
        let run = self.settings.settings(&chosen.scenario);
        let settings = WhySettings { run, by: self.by.into(), patient };
        let progress = RunProgress::new(console.say("replications", "重复"), console)?;
        let found = self.settings.on_threads(|| find_causes(&chosen.system, &settings, &progress))?;
        drop(progress);
        let found = match found {
            Err(WhyError::Replicate(ReplicateError::NothingFinished)) => return Err(Interrupted.into()),
            Err(WhyError::UnknownPatient { patient, day, near, count }) => {
                return Err(unknown_patient(patient, day, (&near, count), &chosen, console));
            }
            found => found?,
        };
        let facts = RunFacts {
            command: self.repeating_command(&chosen, &run),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..chosen.facts()
        };
        let document = WhyDocument::new(&chosen.system, &found, &facts, self.by.into());
        if let Some(folder) = &self.out {
            write_folder(folder, &document, console.language)?;
        }
        if console.is_json {
            console.print(&document.to_json())?;
        } else {
            console.print(&terminal::render(&document, console.language, console.width()))?;
        }
        if let Some(folder) = &self.out {
            let written = console.say("written:", "已写入：");
            console.remark(&format!("{written} {}", folder.join("why.html").display()));
        }
        Ok(Outcome::Done)
    }

    /// The command that repeats it to the bit, with every default written out.
    fn repeating_command(&self, chosen: &Chosen, settings: &RunSettings) -> String {
        let mut words = vec!["onetrip".to_owned(), "why".to_owned(), chosen.wanted.clone()];
        for assignment in &self.scenario.set {
            words.extend(["--set".to_owned(), assignment.clone()]);
        }
        words.extend(repeating_words(settings));
        words.extend(["--by".to_owned(), self.by.word().to_owned()]);
        words.extend(self.patient.iter().flat_map(|patient| ["--patient".to_owned(), patient.clone()]));
        command_line(&words)
    }
}

/// Who is meant by `walk_ins:17`, or by `walk_ins:17@3/2` of another day than the first.
fn patient(wanted: &str, chosen: &Chosen, console: &Console) -> anyhow::Result<(PatientId, Day)> {
    let (who, day) = match wanted.split_once('@') {
        Some((who, at)) => (who, day(at)),
        None => (wanted, Some(Day::default())),
    };
    if let (Some(patient), Some(day)) = (find_patient(&chosen.system, who.trim()), day) {
        return Ok((patient, day));
    }
    let sources = chosen.system.sources();
    let (listed, first) = (listed(&sources), sources[0]);
    let example = match &chosen.system {
        System::Hospital(_) => "`walk_ins:0`, `bookings:DEPARTMENT/08:00/1`".to_owned(),
        System::Network(_) => format!("`{first}:0`"),
    };
    bail!(
        "{}",
        match console.language {
            Language::Chinese => format!(
                "`{wanted}` 不是患者；请写“来源:编号”，来源为 {listed} 之一，编号与 visits.csv 一致，或写预约，如 \
                 {example}；第3次重复写 `{first}:0@3`"
            ),
            Language::English => format!(
                "`{wanted}` names no patient; accepted: SOURCE:NUMBER with SOURCE one of {listed} and NUMBER as in \
                 visits.csv, or the booking, such as {example}; of replication 3 `{first}:0@3`"
            ),
        }
    )
}

/// `3` is replication 3, `3/2` its second day.
fn day(text: &str) -> Option<Day> {
    let (replication, day) = text.split_once('/').unwrap_or((text, "1"));
    let from_one = |text: &str| text.trim().parse::<u32>().ok()?.checked_sub(1);
    Some(Day { replication: from_one(replication)?, day: from_one(day)? })
}

fn unknown_patient(
    patient: PatientId,
    day: Day,
    (near, count): (&[PatientId], usize),
    chosen: &Chosen,
    console: &Console,
) -> anyhow::Error {
    let name = |one: &PatientId| name_of_patient(&chosen.system, *one);
    let names: Vec<String> = near.iter().map(name).collect();
    let names = listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (wanted, replication, day) = (name(&patient), day.replication + 1, day.day + 1);
    anyhow!(match (console.language, near.is_empty()) {
        (Language::Chinese, true) => {
            format!("第{replication}次重复第{day}天没有患者 `{wanted}`；该来源当日无人结束就诊")
        }
        (Language::Chinese, false) => format!(
            "第{replication}次重复第{day}天没有患者 `{wanted}`；该来源当日有{count}人结束就诊，编号最近者：{names}"
        ),
        (Language::English, true) => format!(
            "no patient `{wanted}` ended a visit on day {day} of replication {replication}; nobody of that source did, so \
             another source would be accepted"
        ),
        (Language::English, false) => format!(
            "no patient `{wanted}` ended a visit on day {day} of replication {replication}; accepted: one of the {count} \
             who did, such as {names}"
        ),
    })
}
