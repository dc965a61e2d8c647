//! `onetrip inspect`: send simulated inspectors, fill in the form, say how likely the hospital is to pass.

use crate::arguments::both;
use crate::command_line::command_line;
use crate::console::Console;
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain, told};
use crate::inputs::{read_file, target_document};
use crate::judging::DayArgument;
use crate::progress::RunProgress;
use crate::scenario::{Chosen, DEFAULT, ScenarioArguments};
use crate::settings::WorkArguments;
use crate::suggestion::listed;
use anyhow::{anyhow, bail};
use onetrip_models::system::System;
use onetrip_report::inspection::document::InspectionDocument;
use onetrip_report::inspection::{FOLDER, HospitalFacts, InspectionFacts, terminal, write_folder};
use onetrip_scenarios::targets::{Answers, TargetDocument, read_answers};
use onetrip_studies::inspection::bulletin::{BulletinTable, bulletin};
use onetrip_studies::inspection::change::{ASSUMED_COSTS, Costs, Search, search};
use onetrip_studies::inspection::look_back::{LookBack, look_back};
use onetrip_studies::inspection::plan::Plan;
use onetrip_studies::inspection::rules::{RuleKind, Standing};
use onetrip_studies::inspection::{HospitalInspection, InspectError, InspectSettings, Inspected, inspect};
use onetrip_studies::replicate::ReplicateError;
use onetrip_studies::statistics::interval::Level;
use std::path::PathBuf;
use std::str::FromStr;

/// The chance at which an item counts as safe.
const SAFE: f64 = 0.95;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Send simulated inspectors as patients: the filled-in form, and the chance that the hospital passes",
        "派出模拟体验者以患者身份暗访：填写反馈单，并给出医院通过的概率"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Inspect {
    #[arg(
        value_name = "SCENARIO",
        default_value = DEFAULT,
        help = both(
            "Hospitals by their names (see `onetrip scenarios`), or files of your own; several are ranked in a bulletin",
            "医院情景名称（见 `onetrip scenarios`）或自备文件；给出多家时按周排名通报"
        )
    )]
    scenarios: Vec<String>,

    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=200),
        help = both(
            "Visits to each hospital over the period [default: one a week]",
            "周期内对每家医院的体验次数 [默认每周一次]"
        )
    )]
    visits: Option<u32>,

    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        value_parser = clap::value_parser!(u32).range(1..=104),
        help = both("Weeks of the period", "周期的周数")
    )]
    weeks: u32,

    #[arg(
        long,
        value_name = "DOC",
        default_value = "shaoxing-2018",
        help = both(
            "Target document whose form is filled in, by name (see `onetrip targets`) or file",
            "填写哪份目标文件的表单：名称（见 `onetrip targets`）或路径"
        )
    )]
    targets: String,

    #[arg(
        long,
        value_name = "FILE",
        help = both(
            "Answers to what no run can measure (see `onetrip targets DOC --form`); for several hospitals once for each, \
             in their order",
            "人工作答文件（见 `onetrip targets 文件 --form`）；多家医院时按次序逐一给出"
        )
    )]
    answers: Vec<String>,

    #[command(flatten)]
    day: DayArgument,

    #[arg(
        long = "set",
        value_name = "PATH=VALUE",
        help = both("Change a value of every hospital; may be repeated", "修改各医院情景中的数值；可多次使用")
    )]
    set: Vec<String>,

    #[arg(
        long,
        value_name = "N",
        default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(2..=10_000),
        help = both(
            "Simulated days from which visits are drawn; the more, the narrower the intervals",
            "模拟天数，体验从中抽取；越多则区间越窄"
        )
    )]
    replications: u32,

    #[arg(
        long,
        value_name = "SCENARIO",
        help = both(
            "The hospital after a rectification: the same inspectors come again with the same luck",
            "整改后的医院情景：同一批体验者在同样的随机条件下“回头看”"
        )
    )]
    look_back: Option<String>,

    #[arg(
        long,
        value_name = "PATH=VALUE",
        help = both(
            "What the rectification changed, such as `--rectify registration.windows.count=12`: a follow-up without a \
             file of its own, or on top of --look-back; may be repeated",
            "整改内容，如 `--rectify registration.windows.count=12`：无需另备文件即可“回头看”，也可叠加在 --look-back \
             之上；可多次使用"
        )
    )]
    rectify: Vec<String>,

    #[arg(
        long = "cost",
        value_name = "NAME=YUAN",
        conflicts_with = "no_search",
        help = both(
            "Yuan a year for one staff_hour, kiosk, phone_uptake, process or dispensing_machine, instead of the assumed \
             one; may be repeated",
            "以实际成本（元/年）代替假设值：staff_hour、kiosk、phone_uptake、process 或 dispensing_machine；可多次使用"
        )
    )]
    costs: Vec<Cost>,

    #[arg(
        long,
        help = both(
            "Do not search for the cheapest change that makes the weakest item safe",
            "不搜索使最弱项达到安全概率的最省改动"
        )
    )]
    no_search: bool,

    #[arg(
        long,
        value_name = "DIR",
        help = both(
            "Write the report into this folder: page, forms as DOCX and XLSX, results as JSON",
            "将报告写入此文件夹：网页、DOCX 与 XLSX 反馈单、JSON 结果"
        )
    )]
    out: Option<PathBuf>,

    #[command(flatten)]
    work: WorkArguments,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told(
            "onetrip inspect county-2016",
            "four weekly visits by the form of 2018",
            "按2018年反馈单，每周一次，共四次",
        ),
        plain("onetrip inspect county-2016 --visits 8 --weeks 4 --out inspection"),
        told(
            "onetrip targets shaoxing-2018 --form --class county > answers.toml",
            "the questions to answer",
            "生成待作答的问题",
        ),
        told(
            "onetrip inspect county-2016 --answers answers.toml",
            "with what people answered",
            "加入人工作答",
        ),
        told(
            "onetrip inspect county-2016 --rectify registration.windows.count=12",
            "before and after it",
            "整改前后对比（回头看）",
        ),
        told(
            "onetrip inspect hangzhou-2018-12 --targets shaoxing-tcm-2022",
            "the score sheet, 100 + 10 points",
            "评分表（100分+10分）",
        ),
        told(
            "onetrip inspect hangzhou-2018-12 county-2016 township",
            "a weekly bulletin that ranks them",
            "每周通报排名",
        ),
    ],
    note: None,
};

/// A cost as typed.
#[derive(Clone, PartialEq, Debug)]
struct Cost {
    name: String,
    yuan: f64,
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Cost, String> {
        let names: Vec<&str> = ASSUMED_COSTS.iter().map(|line| line.id).collect();
        let accepted =
            || format!("accepted: NAME=YUAN with 0 or more yuan a year, NAME one of {}", listed(&names));
        let (name, yuan) = text.split_once('=').ok_or_else(accepted)?;
        let (name, yuan) = (name.trim(), yuan.trim().parse::<f64>().map_err(|_| accepted())?);
        if !names.contains(&name) || !yuan.is_finite() || yuan < 0.0 {
            return Err(accepted());
        }
        Ok(Cost { name: name.to_owned(), yuan })
    }
}

/// All that was found out.
struct Outcomes {
    plan: Plan,
    hospitals: Vec<HospitalInspection>,
    searches: Vec<Option<Search>>,
    look_back: Option<LookBack>,
    bulletin: Vec<BulletinTable>,
}

impl Inspect {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let chosen = self
            .scenarios
            .iter()
            .map(|name| self.hospital(name, console))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let rectified = self.rectified(console)?;
        let document = target_document(&self.targets, console)?;
        let answers = self.answers(&document, chosen.len(), console)?;
        let settings = InspectSettings {
            rng_seed: self.work.rng_seed,
            replications: self.replications,
            weeks: self.weeks,
            visits: self.visits.unwrap_or(self.weeks),
            on: self.day.on,
            level: Level::P95,
        };
        let mut costs = Costs::default();
        self.costs.iter().for_each(|cost| {
            costs.replace(&cost.name, cost.yuan);
        });
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        let progress = RunProgress::new(console.say("simulated days", "模拟天数"), console)?;
        let work =
            || self.work(&chosen, rectified.as_ref(), &document, &answers, &settings, &costs, &progress);
        let outcomes = self.work.on_threads(work)?.map_err(said)?;
        drop(progress);
        let result = self.document_of(&chosen, rectified.as_ref(), &document, &settings, &costs, &outcomes);
        if let Some(folder) = &self.out {
            write_folder(folder, &result, console.language)?;
        }
        if console.is_json {
            console.print(&result.to_json())?;
        } else {
            console.print(&terminal::render(&result, console.language))?;
        }
        if let Some(folder) = &self.out {
            let written = console.say("written:", "已写入：");
            console.remark(&format!("{written} {}", folder.join("inspection.html").display()));
        }
        Ok(Outcome::Done)
    }

    fn hospital(&self, name: &str, console: &Console) -> anyhow::Result<Chosen> {
        let arguments = ScenarioArguments { scenario: name.to_owned(), set: self.set.clone() };
        self.only_hospitals(arguments.choose(console)?, console)
    }

    /// The hospital after the rectification, where there is to be a follow-up.
    fn rectified(&self, console: &Console) -> anyhow::Result<Option<Chosen>> {
        if self.look_back.is_none() && self.rectify.is_empty() {
            return Ok(None);
        }
        let [only] = &self.scenarios[..] else {
            bail!(console.say(
                "a follow-up is of one hospital; accepted: one SCENARIO with --look-back or --rectify",
                "“回头看”只针对一家医院；使用 --look-back 或 --rectify 时请只给出一个情景"
            ));
        };
        let scenario = self.look_back.as_ref().unwrap_or(only).clone();
        let set = self.set.iter().chain(&self.rectify).cloned().collect();
        let chosen = ScenarioArguments { scenario, set }.choose(console)?;
        Ok(Some(self.only_hospitals(chosen, console)?))
    }

    fn only_hospitals(&self, chosen: Chosen, console: &Console) -> anyhow::Result<Chosen> {
        if chosen.hospital().is_none() {
            bail!(
                "`{}` {}",
                chosen.wanted,
                console.say(
                    "is a plain network, and inspectors visit hospitals; accepted: a hospital (see `onetrip scenarios`)",
                    "是普通网络，体验者只检查医院；请选用医院情景（见 `onetrip scenarios`）"
                )
            );
        }
        Ok(chosen)
    }

    /// The answers about each hospital.
    fn answers(
        &self,
        document: &TargetDocument,
        hospitals: usize,
        console: &Console,
    ) -> anyhow::Result<Vec<Answers>> {
        if self.answers.is_empty() {
            return Ok(vec![Answers::default(); hospitals]);
        }
        if self.answers.len() != hospitals {
            bail!(
                "{} ({} / {hospitals})",
                console.say(
                    "--answers is given another number of times than there are hospitals; accepted: never, or once for \
                     each in their order",
                    "--answers 的个数与医院数不符；请不给，或按次序每家医院给一份"
                ),
                self.answers.len()
            );
        }
        let read = |file: &String| Ok(read_answers(read_file(file, console)?, document)?);
        self.answers.iter().map(read).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "everything the inspection works on, read before")]
    fn work(
        &self,
        chosen: &[Chosen],
        rectified: Option<&Chosen>,
        document: &TargetDocument,
        answers: &[Answers],
        settings: &InspectSettings,
        costs: &Costs,
        progress: &RunProgress,
    ) -> Result<Outcomes, InspectError> {
        let all: Vec<Inspected<'_>> =
            chosen.iter().zip(answers).map(|(one, said)| inspected(one, said)).collect();
        let (mut plan, hospitals) = inspect(&all, document, settings, progress)?;
        let searches = chosen
            .iter()
            .zip(&hospitals)
            .map(|(chosen, found)| self.search(chosen, found, settings, costs, progress))
            .collect::<Result<Vec<_>, InspectError>>()?;
        let look_back = match rectified {
            Some(after) => {
                plan.restate(RuleKind::LookBack, Standing::Kept, None);
                Some(look_back(&hospitals[0], &inspected(after, &answers[0]), document, settings, progress)?)
            }
            None => None,
        };
        let bulletin = if hospitals.len() > 1 { bulletin(&hospitals, settings.weeks) } else { Vec::new() };
        Ok(Outcomes { plan, hospitals, searches, look_back, bulletin })
    }

    /// Searches for what makes the weakest item safe, where it is not.
    fn search(
        &self,
        chosen: &Chosen,
        found: &HospitalInspection,
        settings: &InspectSettings,
        costs: &Costs,
        progress: &RunProgress,
    ) -> Result<Option<Search>, InspectError> {
        let System::Hospital(hospital) = &chosen.system else { return Ok(None) };
        let Some(item) = found.chances.weakest.filter(|_| !self.no_search) else { return Ok(None) };
        let Some(present) = found.chances.items[item].all_visits.map(|chance| chance.value) else {
            return Ok(None);
        };
        if present >= SAFE {
            return Ok(None);
        }
        search(hospital, &found.questions, item, (present, SAFE), costs, settings, progress).map(Some)
    }

    fn document_of(
        &self,
        chosen: &[Chosen],
        rectified: Option<&Chosen>,
        document: &TargetDocument,
        settings: &InspectSettings,
        costs: &Costs,
        outcomes: &Outcomes,
    ) -> InspectionDocument {
        let hospitals = chosen.iter().zip(&outcomes.hospitals).zip(&outcomes.searches);
        let hospitals = hospitals.map(|((chosen, inspection), search)| HospitalFacts {
            name: &chosen.wanted,
            system: &chosen.system,
            run: chosen.facts(),
            inspection,
            change: search.as_ref().map(|search| (search, costs)),
            look_back: rectified
                .zip(outcomes.look_back.as_ref())
                .map(|(after, back)| (after.wanted.as_str(), &after.system, back)),
        });
        InspectionDocument::new(&InspectionFacts {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: self.repeating_command(settings),
            settings,
            document,
            plan: &outcomes.plan,
            hospitals: hospitals.collect(),
            bulletin: &outcomes.bulletin,
        })
    }

    /// The command that repeats the inspection to the bit, with every default written out.
    fn repeating_command(&self, settings: &InspectSettings) -> String {
        let mut words = vec!["onetrip".to_owned(), "inspect".to_owned()];
        words.extend(self.scenarios.iter().cloned());
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        self.set.iter().for_each(|assignment| add("--set", assignment.clone()));
        add("--targets", self.targets.clone());
        self.answers.iter().for_each(|file| add("--answers", file.clone()));
        add("--weeks", settings.weeks.to_string());
        add("--visits", settings.visits.to_string());
        add("--replications", settings.replications.to_string());
        add("--rng-seed", settings.rng_seed.to_string());
        self.look_back.iter().for_each(|name| add("--look-back", name.clone()));
        self.rectify.iter().for_each(|assignment| add("--rectify", assignment.clone()));
        self.costs.iter().for_each(|cost| add("--cost", format!("{}={}", cost.name, cost.yuan)));
        words.extend(self.day.words());
        if self.no_search {
            words.push("--no-search".to_owned());
        }
        command_line(&words)
    }
}

fn inspected<'a>(chosen: &'a Chosen, answers: &'a Answers) -> Inspected<'a> {
    Inspected { name: &chosen.wanted, system: &chosen.system, answers }
}

/// Being stopped is no mistake.
fn said(error: InspectError) -> anyhow::Error {
    match error {
        InspectError::Stopped | InspectError::Replicate(ReplicateError::NothingFinished) => {
            Interrupted.into()
        }
        other => anyhow!(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_a_known_name_and_yuan() {
        assert_eq!("kiosk=12000".parse(), Ok(Cost { name: "kiosk".to_owned(), yuan: 12_000.0 }));
        for wrong in ["", "kiosk", "kiosk=", "kiosk=-1", "kiosk=nan", "robot=5", "=5"] {
            assert!(wrong.parse::<Cost>().is_err(), "{wrong}");
        }
    }
}
